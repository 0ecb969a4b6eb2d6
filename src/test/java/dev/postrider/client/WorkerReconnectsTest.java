package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A service that goes away and comes back costs its clients patience and nothing else. */
@ExtendWith(RedisExtension.class)
class WorkerReconnectsTest {

  @Test
  void aReportIsMadeWhenTheServiceIsBack(RedisServer redis) {
    CountDownLatch away = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (Rig rig = Rig.restartable(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .handle(
                    Rig.TYPE,
                    Void.class,
                    (context, none) -> {
                      if (context.task().jobId().equals("during")) {
                        away.await();
                        ended.countDown();
                      }
                      return context.attempt();
                    })
                .start()) {
      JobHandle during = rig.client().start(Rig.job("during").build());
      Await.until(
          "it runs", () -> during.describe().runState().equals(Optional.of(RunState.STARTED)));
      rig.stopService();
      away.countDown();
      Await.until("its handler has ended", () -> ended.getCount() == 0);
      rig.startService();

      assertThat(during.result(Integer.class)).isEqualTo(1);
      assertThat(during.describe().leaseLosses()).isZero();
      assertThat(rig.client().start(Rig.job("after").build()).result(Integer.class)).isEqualTo(1);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aHeartbeatWaitsForTheService(RedisServer redis) {
    CountDownLatch away = new CountDownLatch(1);
    try (Rig rig = Rig.restartable(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .handle(
                    Rig.TYPE,
                    Void.class,
                    (context, none) -> {
                      away.await();
                      context.heartbeat("through");
                      return context.attempt();
                    })
                .start()) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Await.until("it runs", () -> job.describe().runState().equals(Optional.of(RunState.STARTED)));
      rig.stopService();
      away.countDown();
      rig.startService();

      assertThat(job.result(Integer.class)).isEqualTo(1);
      assertThat(job.describe().heartbeatDetails(String.class)).hasValue("through");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aStartIsMadeOnceHoweverOftenItIsSent(RedisServer redis) throws Exception {
    try (Rig rig = Rig.restartable(redis)) {
      rig.stopService();
      CompletableFuture<JobHandle> start = rig.client().startAsync(Rig.job("j-1").build());
      rig.startService();
      JobHandle job = start.get(30, TimeUnit.SECONDS);

      assertThat(job.describe().status()).isEqualTo(JobStatus.RUNNING);
      assertThat(rig.client().list("")).hasSize(1);
    }
  }

  @Test
  void withoutServiceACallFailsWhenItsPatienceIsOver(RedisServer redis) {
    try (Rig rig = Rig.restartable(redis);
        JobClient impatient =
            JobClient.create(
                ClientOptions.newBuilder(rig.url()).patience(Duration.ofMillis(50)).build())) {
      rig.stopService();

      assertThatThrownBy(() -> impatient.handle("j-1").describe())
          .isInstanceOf(ServiceUnavailableException.class)
          .hasMessageContaining("no answer from http://127.0.0.1");
      rig.startService();
    }
  }
}
