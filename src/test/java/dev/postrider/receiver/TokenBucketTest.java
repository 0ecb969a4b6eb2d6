package dev.postrider.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {

  private static final long SECOND = 1_000_000_000L;

  /** Monotonic clocks start anywhere, below zero too. */
  private static final long START = -5 * SECOND;

  @Test
  void tryTake_fullBucket_givesItsCapacityAtOnceAndNoMore() {
    TokenBucket bucket = new TokenBucket(2, START);

    assertThat(bucket.tryTake(START)).isTrue();
    assertThat(bucket.tryTake(START)).isTrue();
    assertThat(bucket.tryTake(START)).isFalse();
  }

  @Test
  void tryTake_emptyBucket_refillsAtItsRate() {
    TokenBucket bucket = new TokenBucket(2, START);
    bucket.tryTake(START);
    bucket.tryTake(START);

    assertThat(bucket.tryTake(START + SECOND / 2 - 1)).isFalse();
    assertThat(bucket.tryTake(START + SECOND / 2)).isTrue();
    assertThat(bucket.tryTake(START + SECOND / 2)).isFalse();
  }

  @Test
  void tryTake_afterALongRest_hasNoMoreThanItsCapacity() {
    TokenBucket bucket = new TokenBucket(3, START);
    long later = START + 3_600 * SECOND;

    int given = 0;
    while (bucket.tryTake(later)) {
      given++;
    }

    assertThat(given).isEqualTo(3);
  }

  @Test
  void tryTake_rateBelowOne_givesAWholeTokenInItsTime() {
    TokenBucket bucket = new TokenBucket(0.5, START);

    assertThat(bucket.tryTake(START)).isTrue();
    assertThat(bucket.tryTake(START + SECOND)).isFalse();
    assertThat(bucket.tryTake(START + 2 * SECOND)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void new_rateOutOfRange_isRefused(double rate) {
    assertThatThrownBy(() -> new TokenBucket(rate, START))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
