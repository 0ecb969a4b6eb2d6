package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class QueueHoldTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void anAnswerThatKnowsOfNoHold_endsOneThatWasKnown(Vertx vertx) {
    QueueHold hold = new QueueHold(vertx, () -> {});
    hold.learn(LONG, hold.openings());
    assertThat(hold.isHeld()).isTrue();
    hold.learn(null, hold.openings());
    assertThat(hold.isHeld()).isFalse();
  }

  /** With several partitions a lease may have looked at one before there was anything to hold. */
  @Test
  void anAnswerToWhatWasAskedBefore_doesNotEndAHold(Vertx vertx) {
    QueueHold hold = new QueueHold(vertx, () -> {});
    long both = hold.openings();
    hold.learn(LONG, both);
    hold.learn(null, both);
    assertThat(hold.isHeld()).isTrue();
    hold.end();
  }
}
