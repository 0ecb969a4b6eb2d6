package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Which calls are made again, and when. */
class RetryTest {

  @RepeatedTest(50)
  void whatTheServiceAsksForIsWaitedForAndUpToAFifthMore() {
    Duration rest = Retry.rest(problem(429, Duration.ofSeconds(10)), 1);

    assertThat(rest).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(12));
  }

  @Test
  void anOutageIsSatOutAndAFaultForAMinute() {
    AtomicLong seconds = new AtomicLong();
    Persistence persistence = Persistence.by(() -> TimeUnit.SECONDS.toNanos(seconds.get()));
    boolean away = persistence.test(problem(503, null));
    seconds.set(1_000);
    boolean first = persistence.test(problem(500, null));
    seconds.set(1_059);
    boolean within = persistence.test(problem(500, null));
    seconds.set(1_060);
    boolean over = persistence.test(problem(500, null));

    assertThat(away).isTrue();
    assertThat(first).isTrue();
    assertThat(within).isTrue();
    assertThat(over).isFalse();
    assertThat(persistence.test(problem(409, null))).isFalse();
  }

  @Test
  void anOutageInBetweenStartsTheMinuteAnew() {
    AtomicLong seconds = new AtomicLong();
    Persistence persistence = Persistence.by(() -> TimeUnit.SECONDS.toNanos(seconds.get()));
    boolean first = persistence.test(problem(500, null));
    seconds.set(100);
    boolean away = persistence.test(problem(503, null));

    assertThat(first).isTrue();
    assertThat(away).isTrue();
    assertThat(persistence.test(problem(500, null))).isTrue();
  }

  private static ProblemException problem(int status, @Nullable Duration retryAfter) {
    return ProblemException.of(status, Json.object(), retryAfter);
  }
}
