package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a handler throws decides what becomes of its job. */
@ExtendWith(RedisExtension.class)
class WorkerFailuresTest {

  @Test
  void anApplicationFailureIsTriedAgain(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  if (context.attempt() < 3) {
                    throw ApplicationFailure.newBuilder("flaky", "not yet")
                        .details(Map.of("attempt", context.attempt()))
                        .cause(new IllegalStateException("deep", new ArithmeticException()))
                        .build();
                  }
                  return context.attempt();
                })) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Integer result = job.result(Integer.class);
      List<AttemptDescription> attempts = job.describe().attempts();
      JobFailure failure = attempts.get(1).failure().orElseThrow();

      assertThat(result).isEqualTo(3);
      assertThat(attempts).hasSize(3);
      assertThat(failure.type()).isEqualTo("flaky");
      assertThat(failure.message()).isEqualTo("not yet");
      assertThat(failure.details().path("attempt").asInt()).isEqualTo(2);
      assertThat(failure.cause().type()).isEqualTo("java.lang.IllegalStateException");
      assertThat(failure.cause().cause().type()).isEqualTo("java.lang.ArithmeticException");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aNonRetryableFailureEndsTheJob(RedisServer redis) {
    assertThat(failureOf(redis, ApplicationFailure.nonRetryable("no-such-user", "ada")))
        .satisfies(
            failed -> {
              assertThat(failed.status()).isEqualTo(JobStatus.FAILED);
              assertThat(failed.failure().type()).isEqualTo("no-such-user");
              assertThat(failed.failure().nonRetryable()).isTrue();
              assertThat(failed).hasMessageContaining("failed: no-such-user: ada");
            });
  }

  @Test
  void anyOtherExceptionIsAFailureOfItsClass(RedisServer redis) {
    assertThat(failureOf(redis, new IllegalStateException("broken")).failure())
        .satisfies(
            failure -> {
              assertThat(failure.type()).isEqualTo("java.lang.IllegalStateException");
              assertThat(failure.message()).isEqualTo("broken");
              assertThat(failure.nonRetryable()).isFalse();
            });
  }

  @Test
  void anErrorIsReportedAndTheWorkerGoesOn(RedisServer redis) {
    assertThat(failureOf(redis, new StackOverflowError("deep")).failure().type())
        .isEqualTo("java.lang.StackOverflowError");
  }

  @Test
  void whatTheServiceRefusesAsAFailureIsReportedAsOne(RedisServer redis) {
    JobFailedException failed =
        failureOf(redis, ApplicationFailure.nonRetryable("t".repeat(1001), "m"));

    assertThat(failed.failure().type()).isEqualTo("report_refused");
    assertThat(failed.failure().message()).contains("failure.type");
  }

  @Test
  void detailsThatAreNoJsonAreToldOf(RedisServer redis) {
    Object unwritable = new Object();
    ApplicationFailure thrown =
        ApplicationFailure.newBuilder("t", "m").details(unwritable).nonRetryable(true).build();

    JobFailure failure = failureOf(redis, thrown).failure();

    assertThat(failure.type()).isEqualTo("t");
    assertThat(failure.message()).contains("m (details cannot be written as JSON");
  }

  @Test
  void aResultThatIsNoJsonEndsTheJob(RedisServer redis) {
    assertThat(failureOf(redis, (context, none) -> new Object()).failure().type())
        .isEqualTo("result_not_writable");
  }

  @Test
  void aResultThatIsTooLargeEndsTheJob(RedisServer redis) {
    assertThat(failureOf(redis, (context, none) -> "x".repeat(1 << 20)).failure())
        .satisfies(
            failure -> {
              assertThat(failure.type()).isEqualTo("result_too_large");
              assertThat(failure.nonRetryable()).isTrue();
            });
  }

  @Test
  void aResultLargerThanAnyBodyEndsTheJob(RedisServer redis) {
    assertThat(failureOf(redis, (context, none) -> "x".repeat(20 << 20)).failure().type())
        .isEqualTo("result_too_large");
  }

  @Test
  void aFailureLargerThanAnyBodyKeepsItsTypeAndIsTriedAgain(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  if (context.attempt() == 1) {
                    throw ApplicationFailure.newBuilder("flaky", "not yet")
                        .details("x".repeat(20 << 20))
                        .build();
                  }
                  return context.attempt();
                })) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Integer result = job.result(Integer.class);
      JobFailure failure = job.describe().attempts().get(0).failure().orElseThrow();

      assertThat(result).isEqualTo(2);
      assertThat(failure.type()).isEqualTo("flaky");
      assertThat(failure.message()).isEqualTo("not yet");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void anInputOfAnotherShapeIsARetryableFailure(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .handle(Rig.TYPE, Integer.class, (context, number) -> number)
                .start()) {
      RetryPolicy twice =
          RetryPolicy.DEFAULT.withInitialInterval(Duration.ofMillis(1)).withMaximumAttempts(2);
      JobHandle text =
          rig.client().start(Rig.job("j-1").input("no number").retryPolicy(twice).build());
      JobHandle missing = rig.client().start(Rig.job("j-2").retryPolicy(twice).build());

      assertThat(failure(text).type()).isEqualTo("input_not_readable");
      assertThat(failure(missing).message()).isEqualTo("the input, a Integer, is missing");
      assertThat(text.describe().attempts()).hasSize(2);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aTypeWithoutHandlerIsARetryableFailure(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker = worker(rig, (context, none) -> null)) {
      StartOptions other =
          StartOptions.newBuilder("other", Rig.QUEUE)
              .startToCloseTimeout(Duration.ofMinutes(1))
              .retryPolicy(RetryPolicy.NONE)
              .build();

      assertThat(failure(rig.client().start(other)).type()).isEqualTo("activity_not_registered");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void theNextRetryDelayReplacesThePolicys(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  throw ApplicationFailure.newBuilder("busy", "later")
                      .nextRetryDelay(Duration.ofHours(1))
                      .build();
                })) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Await.until("a back-off", () -> job.describe().nextAttemptAt().isPresent());
      JobDescription waiting = job.describe();
      Instant ended = waiting.attempts().get(0).endedAt().orElseThrow();

      assertThat(waiting.nextAttemptAt()).hasValue(ended.plus(Duration.ofHours(1)));
      assertThat(waiting.attempt()).isEqualTo(2);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aHandlerMayHandItsTaskBack(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                new TaskHandler<>() {
                  private boolean seen;

                  @Override
                  public synchronized Object handle(TaskContext context, Void none) {
                    if (!seen) {
                      seen = true;
                      throw new HandBack();
                    }
                    return context.attempt();
                  }
                })) {
      assertThat(rig.client().start(Rig.job("j-1").build()).result(Integer.class)).isEqualTo(1);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  private static JobFailedException failureOf(RedisServer redis, Throwable thrown) {
    return failureOf(
        redis,
        (context, none) -> {
          if (thrown instanceof Error error) {
            throw error;
          }
          throw (Exception) thrown;
        });
  }

  /** How a job of one attempt fails; the worker must be well afterwards. */
  private static JobFailedException failureOf(RedisServer redis, TaskHandler<Void> handler) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .concurrency(1)
                .handle(Rig.TYPE, Void.class, handler)
                .handle("ping", String.class, (context, input) -> input)
                .start()) {
      JobHandle job = rig.client().start(Rig.job("j-1").retryPolicy(RetryPolicy.NONE).build());
      JobFailedException failed =
          catchThrowableOfType(JobFailedException.class, () -> job.result(Object.class));
      StartOptions ping =
          StartOptions.newBuilder("ping", Rig.QUEUE)
              .startToCloseTimeout(Duration.ofMinutes(1))
              .input("pong")
              .build();
      assertThat(rig.client().start(ping).result(String.class)).isEqualTo("pong");
      assertThat(worker.name()).isNotEmpty();
      return failed;
    }
  }

  private static JobFailure failure(JobHandle job) {
    return catchThrowableOfType(JobFailedException.class, () -> job.result(Object.class)).failure();
  }

  private static Worker worker(Rig rig, TaskHandler<Void> handler) {
    return rig.client().newWorker(Rig.QUEUE).handle(Rig.TYPE, Void.class, handler).start();
  }
}
