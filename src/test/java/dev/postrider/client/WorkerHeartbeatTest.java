package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Heartbeats carry an attempt's progress to the next, and requests to its handler. */
@ExtendWith(RedisExtension.class)
class WorkerHeartbeatTest {

  @Test
  void theNextAttemptGoesOnWhereTheLastHeartbeatWas(RedisServer redis) {
    ConcurrentLinkedQueue<Integer> delivered = new ConcurrentLinkedQueue<>();
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  int index = context.heartbeatDetails(Integer.class).orElse(0);
                  for (; index < 10; index++) {
                    delivered.add(index);
                    context.heartbeat(index + 1);
                    if (index == 3 && context.attempt() == 1) {
                      throw new IllegalStateException("dies");
                    }
                  }
                  return context.heartbeatDetails(Integer.class).orElseThrow();
                })) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());

      assertThat(job.result(Integer.class)).isEqualTo(10);
      assertThat(delivered).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      assertThat(job.describe().heartbeatDetails(Integer.class)).hasValue(10);
      assertThat(job.describe().attempts().get(0).heartbeats()).isEqualTo(4);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aHandlerThatHangsLosesItsLease(RedisServer redis) {
    AtomicBoolean hung = new AtomicBoolean();
    CountDownLatch release = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  if (hung.getAndSet(true)) {
                    return "by another attempt";
                  }
                  release.await();
                  try {
                    context.heartbeat();
                    return "too late";
                  } catch (LeaseLostException e) {
                    thrown.set(e);
                    throw e;
                  }
                })) {
      JobHandle job =
          rig.client().start(Rig.job("j-1").heartbeatTimeout(Duration.ofMillis(500)).build());
      String result = job.result(String.class);
      release.countDown();
      Await.until("the first attempt is told", () -> thrown.get() != null);

      assertThat(result).isEqualTo("by another attempt");
      assertThat(job.describe().leaseLosses()).isPositive();
      assertThat(job.describe().attempts().get(0).outcome())
          .hasValue(AttemptOutcome.HEARTBEAT_TIMEOUT);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aHeartbeatTellsOfARequestedCancellation(RedisServer redis) {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch canceled = new CountDownLatch(1);
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  begun.countDown();
                  canceled.await();
                  context.heartbeat("here");
                  return "not reached";
                })) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      await(begun);
      job.cancel("enough");
      canceled.countDown();
      JobFailedException failed =
          catchThrowableOfType(JobFailedException.class, () -> job.result(String.class));

      assertThat(failed.status()).isEqualTo(JobStatus.CANCELED);
      assertThat(job.describe().reason()).hasValue("enough");
      assertThat(job.describe().heartbeatDetails(String.class)).hasValue("here");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aCancellationIsNoticedWithoutHeartbeat(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker = worker(rig, 10, WorkerHeartbeatTest::untilCanceled)) {
      cancelNoticed(rig);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aCancellationIsNoticedByAWorkerWithoutRoom(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker = worker(rig, 1, WorkerHeartbeatTest::untilCanceled)) {
      cancelNoticed(rig);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  private static void cancelNoticed(Rig rig) {
    JobHandle job = rig.client().start(Rig.job("j-1").build());
    Await.until("it runs", () -> job.describe().runState().equals(Optional.of(RunState.STARTED)));
    job.cancel("enough");
    JobFailedException failed =
        catchThrowableOfType(JobFailedException.class, () -> job.result(String.class));

    assertThat(failed.status()).isEqualTo(JobStatus.CANCELED);
    assertThat(failed.failure().details().path("left").asInt()).isEqualTo(7);
  }

  private static Object untilCanceled(TaskContext context, Void none) {
    Await.until("a notice", context::isCancelRequested);
    throw new CanceledFailure(Map.of("left", 7));
  }

  @Test
  void pauseAndResetAreNoticed(RedisServer redis) {
    CountDownLatch begun = new CountDownLatch(1);
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  begun.countDown();
                  if (context.task().jobId().equals("pause")) {
                    Await.until("a notice", context::isPauseRequested);
                    throw new HandBack();
                  }
                  if (context.attempt() == 1
                      && !context.heartbeatDetails(String.class).isPresent()) {
                    context.heartbeat("seen");
                    Await.until("a notice", context::isResetRequested);
                    throw new IllegalStateException("starts over");
                  }
                  return context.attempt();
                })) {
      JobHandle pause = rig.client().start(Rig.job("pause").build());
      await(begun);
      pause.pause("look");
      Await.until("it is paused", () -> pause.describe().status() == JobStatus.PAUSED);
      JobHandle reset = rig.client().start(Rig.job("reset").build());
      Await.until("a heartbeat", () -> reset.describe().lastHeartbeatAt().isPresent());
      reset.reset(ResetOptions.DEFAULT, "again");

      assertThat(reset.result(Integer.class)).isEqualTo(1);
      assertThat(pause.describe().attempt()).isEqualTo(1);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aCancellationThatNobodyRequestedIsAFailure(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  throw new CanceledFailure();
                })) {
      JobHandle job = rig.client().start(Rig.job("j-1").retryPolicy(RetryPolicy.NONE).build());
      JobFailedException failed =
          catchThrowableOfType(JobFailedException.class, () -> job.result(String.class));

      assertThat(failed.status()).isEqualTo(JobStatus.FAILED);
      assertThat(failed.failure().type()).isEqualTo("dev.postrider.client.CanceledFailure");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void detailsThatAreTooLargeEndTheAttempt(RedisServer redis) {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (Rig rig = Rig.start(redis);
        Worker worker =
            worker(
                rig,
                (context, none) -> {
                  try {
                    context.heartbeat("x".repeat(300 << 10));
                  } catch (ProblemException e) {
                    thrown.set(e);
                  }
                  return null;
                })) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      JobFailedException failed =
          catchThrowableOfType(JobFailedException.class, () -> job.result(String.class));

      assertThat(failed.failure().type()).isEqualTo("result_too_large");
      // the job may be known as failed before the heartbeat's own answer has come
      Await.until("the heartbeat was refused", () -> thrown.get() != null);
      assertThat(thrown.get()).hasMessageContaining("result_too_large");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  private static void await(CountDownLatch latch) {
    Await.until("the handler has begun", () -> latch.getCount() == 0);
  }

  private static Worker worker(Rig rig, TaskHandler<Void> handler) {
    return worker(rig, 10, handler);
  }

  private static Worker worker(Rig rig, int concurrency, TaskHandler<Void> handler) {
    return rig.client()
        .newWorker(Rig.QUEUE)
        .concurrency(concurrency)
        .handle(Rig.TYPE, Void.class, handler)
        .start();
  }
}
