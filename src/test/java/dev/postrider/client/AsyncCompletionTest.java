package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An attempt that its handler leaves to somebody else. */
@ExtendWith(RedisExtension.class)
class AsyncCompletionTest {

  @Test
  void anotherClientCompletesByToken(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis);
        JobClient other = JobClient.create(rig.url())) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      TaskHandle task = other.task(leaveOne(rig));
      Requested requested = task.heartbeat("half");
      task.complete("by another");

      assertThat(job.result(String.class)).isEqualTo("by another");
      assertThat(requested).isEqualTo(new Requested(false, false, false));
      assertThat(job.describe().heartbeatDetails(String.class)).hasValue("half");
      task.complete("by another"); // as the first time
      assertThatThrownBy(() -> task.fail(ApplicationFailure.retryable("t", "m")))
          .isInstanceOf(LeaseLostException.class);
    }
  }

  @Test
  void anotherClientFailsByToken(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis);
        JobClient other = JobClient.create(rig.url())) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      other.task(leaveOne(rig)).fail(ApplicationFailure.nonRetryable("refused", "by another"));

      assertThat(failureOf(job).failure().type()).isEqualTo("refused");
    }
  }

  @Test
  void anotherClientEndsARequestedCancellation(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis);
        JobClient other = JobClient.create(rig.url())) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      TaskHandle task = other.task(leaveOne(rig));
      job.cancel("enough");
      Requested requested = task.heartbeat(null);
      task.canceled("left over");

      assertThat(requested.cancel()).isTrue();
      assertThat(failureOf(job).status()).isEqualTo(JobStatus.CANCELED);
    }
  }

  @Test
  void anotherClientHandsBack(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis);
        JobClient other = JobClient.create(rig.url())) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      other.task(leaveOne(rig)).handBack();

      assertThat(job.describe().runState()).hasValue(RunState.SCHEDULED);
      assertThat(job.describe().attempt()).isEqualTo(1);
    }
  }

  @Test
  void anotherClientCompletesById(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis);
        JobClient other = JobClient.create(rig.url())) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      leaveOne(rig);
      JobHandle same = other.handle("j-1");
      same.heartbeat("by id");
      same.complete(42);

      assertThat(job.result(Integer.class)).isEqualTo(42);
      assertThat(job.describe().heartbeatDetails(String.class)).hasValue("by id");
    }
  }

  @Test
  void anotherClientFailsById(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis);
        JobClient other = JobClient.create(rig.url())) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      leaveOne(rig);
      other.handle("j-1").fail(ApplicationFailure.nonRetryable("refused", "by id"));

      assertThat(failureOf(job).failure().message()).isEqualTo("by id");
    }
  }

  @Test
  void aResultThatIsTooLargeIsToldTo(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis)) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      TaskHandle task = rig.client().task(leaveOne(rig));

      assertThatThrownBy(() -> task.complete("x".repeat(1 << 20)))
          .isInstanceOfSatisfying(
              ProblemException.class,
              problem -> assertThat(problem.code()).isEqualTo("result_too_large"));
      assertThat(failureOf(job).failure().type()).isEqualTo("result_too_large");
    }
  }

  @Test
  void aTokenThatIsNoneIsRefused(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      assertThatThrownBy(() -> rig.client().task("nonsense").complete(null))
          .isInstanceOfSatisfying(
              ProblemException.class,
              problem -> assertThat(problem.code()).isEqualTo("invalid_token"));
    }
  }

  /** The token of one task, whose worker is gone. */
  private static String leaveOne(Rig rig) throws Exception {
    CompletableFuture<String> token = new CompletableFuture<>();
    try (Worker worker =
        rig.client()
            .newWorker(Rig.QUEUE)
            .handle(
                Rig.TYPE,
                Void.class,
                (context, none) -> {
                  token.complete(context.completeLater());
                  return "is not reported";
                })
            .start()) {
      assertThat(worker.name()).isNotEmpty();
      return token.get(30, TimeUnit.SECONDS);
    }
  }

  private static JobFailedException failureOf(JobHandle job) {
    return catchThrowableOfType(JobFailedException.class, () -> job.result(Object.class));
  }
}
