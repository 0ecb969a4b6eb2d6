package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RateLimit;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Polls of a queue with limits, woken by what the store calls out. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class LimitedPollsTest {
  private DispatchRig rig;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
  }

  @Test
  void aRateThatIsRaisedIsUsedAtOnce() {
    rig.limit(new RateLimit(0.1, 1), null);
    List.of("a", "b", "c").forEach(rig::start);
    assertThat(rig.idsOf(rig.poll("w", DispatchRig.LONG))).containsExactly("a");
    Poll poll = rig.poll("w", DispatchRig.LONG);
    rig.settle();
    assertThat(poll.isAnswered()).isFalse();

    rig.limit(new RateLimit(1000, 10), null);
    assertThat(rig.idsOf(poll)).containsExactly("b");
  }

  @Test
  void whatWaitsUnderALimitWithinTheQueueHoldsNobodyElseUp() {
    rig.limit(null, new RateLimit(2, 1));
    job("a", "tenant");
    job("b", "tenant");
    assertThat(rig.idsOf(rig.poll("w", DispatchRig.LONG))).containsExactly("a");
    Poll poll = rig.poll("w", DispatchRig.LONG);
    rig.settle();
    assertThat(poll.isAnswered()).isFalse();
    job("c", "other");

    assertThat(rig.idsOf(poll)).containsExactly("c");
  }

  @Test
  void whatWaitsUnderALimitWithinTheQueueIsAskedForWhenThatMayGive() {
    rig.limit(null, new RateLimit(2, 1));
    job("a", "tenant");
    job("b", "tenant");
    assertThat(rig.idsOf(rig.poll("w", DispatchRig.LONG))).containsExactly("a");
    Poll poll = rig.poll("w", DispatchRig.LONG);
    rig.settle();
    assertThat(poll.isAnswered()).isFalse();
    rig.store.advance(Duration.ofMillis(500));

    assertThat(rig.idsOf(poll)).containsExactly("b");
  }

  private void job(String id, String fairnessKey) {
    rig.store.await(() -> rig.jobs.start(Starts.job(id).fairness(fairnessKey, 1).build()));
  }
}
