package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A call whose answer was lost is made again, and has happened once. */
@ExtendWith(RedisExtension.class)
class LostAnswersTest {

  @Test
  void aStart(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        LossyLink link = LossyLink.to(rig.url());
        JobClient client = JobClient.create(link.url())) {
      link.loseAnswerTo("POST /v1/jobs?");
      JobHandle job = client.start(Rig.job("j-1").build());

      assertThat(link.hasLost()).isTrue();
      assertThat(job.isStarted()).isFalse();
      assertThat(client.list("")).hasSize(1);
    }
  }

  @Test
  void aControl(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        LossyLink link = LossyLink.to(rig.url());
        JobClient client = JobClient.create(link.url())) {
      JobHandle job = client.start(Rig.job("j-1").build());
      link.loseAnswerTo("/cancel");
      job.cancel("enough");

      assertThat(link.hasLost()).isTrue();
      assertThat(job.describe().status()).isEqualTo(JobStatus.CANCELED);
    }
  }

  @Test
  void aDeletion(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        LossyLink link = LossyLink.to(rig.url());
        JobClient client = JobClient.create(link.url())) {
      JobHandle job = client.start(Rig.job("j-1").build());
      job.complete(1);
      link.loseAnswerTo("DELETE /v1/jobs/");
      job.delete();

      assertThat(link.hasLost()).isTrue();
      assertThat(client.list("")).isEmpty();
    }
  }

  @Test
  void aReport(RedisServer redis) {
    reportedOnce(redis, "/complete");
  }

  @Test
  void aHeartbeat(RedisServer redis) {
    reportedOnce(redis, "/heartbeat");
  }

  private static void reportedOnce(RedisServer redis, String call) {
    AtomicInteger runs = new AtomicInteger();
    try (Rig rig = Rig.start(redis);
        LossyLink link = LossyLink.to(rig.url());
        JobClient client = JobClient.create(link.url());
        Worker worker =
            client
                .newWorker(Rig.QUEUE)
                .concurrency(1)
                .handle(
                    Rig.TYPE,
                    Void.class,
                    (context, none) -> {
                      context.heartbeat("here");
                      return runs.incrementAndGet();
                    })
                .start()) {
      link.loseAnswerTo(call);
      JobHandle job = client.start(Rig.job("j-1").build());
      Integer result = job.result(Integer.class);
      JobHandle next = client.start(Rig.job("j-2").build());

      assertThat(link.hasLost()).isTrue();
      assertThat(result).isEqualTo(1);
      assertThat(job.describe().attempts()).hasSize(1);
      assertThat(next.result(Integer.class)).isEqualTo(2);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aWaitForAResult(RedisServer redis) throws Exception {
    try (Rig rig = Rig.start(redis);
        LossyLink link = LossyLink.to(rig.url());
        JobClient client = JobClient.create(link.url())) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      job.complete(1);
      link.loseAnswerTo("/result");

      assertThat(client.handle("j-1").result(Integer.class, Duration.ofMinutes(1))).isEqualTo(1);
      assertThat(link.hasLost()).isTrue();
    }
  }
}
