package dev.postrider.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.receiver.Behaviour.Answer;
import dev.postrider.receiver.Behaviour.When;
import dev.postrider.receiver.ReceiverOptions.Limits;
import dev.postrider.receiver.ReceiverState.Counts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReceiverStateTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final Reception NEW = new Reception.Taken(false);
  private static final Reception DEDUPED = new Reception.Taken(true);

  private final ReceiverState state = new ReceiverState(Limits.DEFAULT);

  @Test
  void arrive_keySeenBefore_isCountedAndNotRecorded() {
    assertThat(arrive("webhook:evt_1")).isEqualTo(NEW);
    assertThat(arrive("webhook:evt_1")).isEqualTo(DEDUPED);
    assertThat(arrive("webhook:evt_2")).isEqualTo(NEW);

    assertThat(state.counts()).isEqualTo(new Counts(3, 2, 1, 0));
    assertThat(state.deliveries()).hasSize(2);
  }

  @Test
  void arrive_withoutKey_isNeverDeduped() {
    for (int i = 0; i < 3; i++) {
      assertThat(arrive(null)).isEqualTo(NEW);
    }

    assertThat(state.counts()).isEqualTo(new Counts(3, 3, 0, 0));
  }

  @Test
  void arrive_bucketEmpty_isThrottledBeforeAnythingElse() {
    state.limit(1, 0);
    state.script(failing(When.BEFORE, 1));
    arrive("a");

    assertThat(arrive("a")).isEqualTo(new Reception.Throttled());
    assertThat(state.counts()).isEqualTo(new Counts(2, 0, 0, 1));
  }

  @Test
  void arrive_behaviourBefore_isCountedInReceivedOnly() {
    Behaviour failing = failing(When.BEFORE, 2);
    state.script(failing);

    assertThat(arrive("a")).isEqualTo(new Reception.Scripted(failing, null));
    assertThat(arrive("a")).isEqualTo(new Reception.Scripted(failing, null));
    assertThat(arrive("a")).isEqualTo(NEW);
    assertThat(state.counts()).isEqualTo(new Counts(3, 1, 0, 0));
  }

  @Test
  void arrive_behaviourAfter_recordsAndDedupesFirst() {
    Behaviour failing = failing(When.AFTER, 2);
    state.script(failing);

    assertThat(arrive("a")).isEqualTo(new Reception.Scripted(failing, new Reception.Taken(false)));
    assertThat(arrive("a")).isEqualTo(new Reception.Scripted(failing, new Reception.Taken(true)));
    assertThat(arrive("a")).isEqualTo(DEDUPED);
    assertThat(state.counts()).isEqualTo(new Counts(3, 1, 2, 0));
  }

  @Test
  void arrive_severalBehaviours_takeTheirTurnsInOrder() {
    Behaviour first = failing(When.BEFORE, 1);
    Behaviour second = failing(When.AFTER, 1);
    state.script(first);
    state.script(second);

    assertThat(((Reception.Scripted) arrive("a")).behaviour()).isEqualTo(first);
    assertThat(((Reception.Scripted) arrive("a")).behaviour()).isEqualTo(second);
    assertThat(state.behaviours()).isZero();
  }

  @Test
  void reset_forgetsEverythingButTheRateLimit() {
    state.limit(2, 0);
    arrive("a");
    state.script(failing(When.BEFORE, 5));

    state.reset();

    assertThat(state.counts()).isEqualTo(Counts.ZERO);
    assertThat(state.deliveries()).isEmpty();
    assertThat(state.arrivals()).isEmpty();
    assertThat(state.behaviours()).isZero();
    assertThat(state.rateLimit()).isEqualTo(2);
    assertThat(arrive("a")).isEqualTo(NEW);
  }

  @Test
  void reset_halfwayThroughABehaviour_startsTheNextOneFromItsFirstTime() {
    state.script(failing(When.BEFORE, 3));
    arrive("a");
    state.reset();
    state.script(failing(When.BEFORE, 2));

    assertThat(arrive("a")).isInstanceOf(Reception.Scripted.class);
    assertThat(arrive("a")).isInstanceOf(Reception.Scripted.class);
    assertThat(arrive("a")).isEqualTo(NEW);
  }

  @Test
  void arrive_oneMoreThanIsKept_forgetsTheOldestAndCountsOn() {
    ReceiverState small = new ReceiverState(Limits.DEFAULT.withDeliveries(2));
    for (int i = 1; i <= 3; i++) {
      small.arrive(delivery("" + i, "" + i), 0);
    }

    assertThat(small.deliveries()).extracting(ReceivedDelivery::body).containsExactly("2", "3");
    assertThat(small.counts()).isEqualTo(new Counts(3, 3, 0, 0));
  }

  @Test
  void arrive_moreCharactersThanAreKept_forgetsTheOldest() {
    ReceiverState small = new ReceiverState(new Limits(100, 10, 100, 100, 100));
    small.arrive(delivery(null, "\"1234\""), 0);
    small.arrive(delivery(null, "1234"), 0);
    assertThat(small.deliveries()).hasSize(2);

    small.arrive(delivery(null, "5"), 0);

    assertThat(small.deliveries()).extracting(ReceivedDelivery::body).containsExactly("1234", "5");
  }

  @Test
  void arrive_oneMoreKeyThanIsRemembered_forgetsTheOldest() {
    ReceiverState small = new ReceiverState(Limits.DEFAULT.withKeys(2));
    for (String key : List.of("a", "b", "c")) {
      small.arrive(delivery(key, "1"), 0);
    }

    assertThat(small.arrive(delivery("b", "1"), 0)).isEqualTo(DEDUPED);
    assertThat(small.arrive(delivery("a", "1"), 0)).isEqualTo(NEW);
  }

  @Test
  void script_oneMoreThanMayWait_isRefused() {
    ReceiverState small = new ReceiverState(new Limits(1, 1, 1, 1, 1));

    assertThat(small.script(failing(When.BEFORE, 1))).isTrue();
    assertThat(small.script(failing(When.BEFORE, 1))).isFalse();
  }

  private Reception arrive(@Nullable String key) {
    return state.arrive(delivery(key, "{}"), 0);
  }

  private static ReceivedDelivery delivery(@Nullable String key, String body) {
    return new ReceivedDelivery(NOW, body, key, List.of());
  }

  private static Behaviour failing(When when, int times) {
    return new Behaviour(when, times, Duration.ZERO, new Answer(500, null, null));
  }
}
