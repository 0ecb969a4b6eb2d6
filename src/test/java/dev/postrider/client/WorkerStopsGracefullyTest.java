package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker that stops finishes what it can within its grace and hands the rest back. */
@ExtendWith(RedisExtension.class)
class WorkerStopsGracefullyTest {

  @Test
  void anIdleWorkerStopsAtOnce(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis)) {
      Worker worker =
          rig.client()
              .newWorker(Rig.QUEUE)
              .handle(Rig.TYPE, Void.class, (context, none) -> null)
              .start();
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      job.result(Void.class);

      worker.stop(Duration.ofMinutes(1)).get(20, TimeUnit.SECONDS);
      JobHandle later = rig.client().start(Rig.job("j-2").build());

      assertThat(later.describe().runState()).hasValue(RunState.SCHEDULED);
    }
  }

  @Test
  void aRunningHandlerIsFinishedWithinTheGrace(RedisServer redis) throws Exception {
    CountDownLatch finish = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    AtomicBoolean told = new AtomicBoolean();
    try (Rig rig = Rig.start(redis)) {
      Worker worker =
          rig.client()
              .newWorker(Rig.QUEUE)
              .handle(
                  Rig.TYPE,
                  Void.class,
                  (context, none) -> {
                    running.countDown();
                    Await.until("the worker stops", context::isStopping);
                    told.set(true);
                    finish.await();
                    return "finished";
                  })
              .start();
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Await.until("it runs", () -> running.getCount() == 0);
      CompletableFuture<Void> stopped = worker.stop(Duration.ofMinutes(1));
      Await.until("it is told", told::get);
      boolean early = stopped.isDone();
      finish.countDown();

      assertThat(job.result(String.class)).isEqualTo("finished");
      stopped.get(20, TimeUnit.SECONDS);
      assertThat(early).isFalse();
    }
  }

  @Test
  void whatIsNotFinishedIsHandedBackAtNoCost(RedisServer redis) throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch forever = new CountDownLatch(1);
    try (Rig rig = Rig.start(redis)) {
      Worker worker =
          rig.client()
              .newWorker(Rig.QUEUE)
              .handle(
                  Rig.TYPE,
                  Void.class,
                  (context, none) -> {
                    running.countDown();
                    try {
                      forever.await();
                    } catch (InterruptedException e) {
                      interrupted.complete(true);
                    }
                    return "too late";
                  })
              .start();
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Await.until("it runs", () -> running.getCount() == 0);
      worker.stop(Duration.ofMillis(10)).get(20, TimeUnit.SECONDS);
      JobDescription afterwards = job.describe();
      List<AttemptDescription> attempts = afterwards.attempts();
      Worker second =
          rig.client()
              .newWorker(Rig.QUEUE)
              .handle(Rig.TYPE, Void.class, (context, none) -> "second " + context.attempt())
              .start();

      assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
      assertThat(afterwards.runState()).hasValue(RunState.SCHEDULED);
      assertThat(afterwards.attempt()).isEqualTo(1);
      assertThat(attempts.get(attempts.size() - 1).outcome()).hasValue(AttemptOutcome.HANDED_BACK);
      assertThat(job.result(String.class)).isEqualTo("second 1");
      second.close();
    }
  }

  @Test
  void aBusyWorkerLosesNothingWhenItStops(RedisServer redis) throws Exception {
    int jobs = 120;
    try (Rig rig = Rig.start(redis)) {
      List<CompletableFuture<JobHandle>> starts =
          IntStream.range(0, jobs)
              .mapToObj(i -> rig.client().startAsync(Rig.job("j-" + i).build()))
              .toList();
      for (CompletableFuture<JobHandle> start : starts) {
        start.get(20, TimeUnit.SECONDS);
      }
      CountDownLatch some = new CountDownLatch(50);
      Worker first =
          rig.client()
              .newWorker(Rig.QUEUE)
              .handle(
                  Rig.TYPE,
                  Void.class,
                  (context, none) -> {
                    some.countDown();
                    return context.attempt();
                  })
              .start();
      Await.until("some are done", () -> some.getCount() == 0);
      first.stop(Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
      Worker second =
          rig.client()
              .newWorker(Rig.QUEUE)
              .handle(Rig.TYPE, Void.class, (context, none) -> context.attempt())
              .start();
      for (CompletableFuture<JobHandle> start : starts) {
        assertThat(start.get().result(Integer.class)).isEqualTo(1);
      }
      second.close();
    }
  }

  @Test
  void whatALastReportBringsIsHandedBackBeforeTheClientIsClosed(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      for (int i = 0; i < 60; i++) {
        rig.client().start(Rig.job("j-" + i).build());
      }
      JobClient other = JobClient.create(rig.url());
      CountDownLatch some = new CountDownLatch(10);
      other
          .newWorker(Rig.QUEUE)
          .concurrency(1)
          .handle(
              Rig.TYPE,
              Void.class,
              (context, none) -> {
                some.countDown();
                return null;
              })
          .start();
      Await.until("some are done", () -> some.getCount() == 0);
      other.close();

      Await.until(
          "none is held by a worker that is gone",
          () ->
              rig.client()
                  .list("ExecutionStatus = 'Running'")
                  .noneMatch(job -> job.runState().equals(Optional.of(RunState.STARTED))));
    }
  }
}
