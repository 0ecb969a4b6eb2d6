package dev.postrider.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The judge of rates sees one task too many, wherever it is. */
class StartTimesTest {

  @Test
  void whatIsExactlyAllowedIsNotTooMany() {
    assertThat(at(0, 0, 500, 1_000, 1_500).excess(2, 2)).isEqualTo(0, within(1e-9));
    assertThat(at(0, 0, 499, 1_000, 1_500).excess(2, 2)).isEqualTo(0.002, within(1e-9));
    assertThat(at(7).excess(1, 0.1)).isEqualTo(0, within(1e-9));
    assertThat(at().excess(1, 0.1)).isNegative();
  }

  @Test
  void theWorstStretchIsThatOfAllPairs() {
    Random random = new Random(1);
    for (int round = 0; round < 200; round++) {
      long[] millis = random.longs(1 + random.nextInt(20), 0, 1_000).sorted().toArray();
      double worst = Double.NEGATIVE_INFINITY;
      for (int from = 0; from < millis.length; from++) {
        for (int to = from; to < millis.length; to++) {
          worst = Math.max(worst, to - from + 1 - 3 - 10 * (millis[to] - millis[from]) / 1e3);
        }
      }
      assertThat(at(millis).excess(3, 10)).isEqualTo(worst, within(1e-9));
    }
  }

  @Test
  void theMostIsCountedInHalfOpenStretches() {
    assertThat(at(0, 100, 199, 200, 250).most(Duration.ofMillis(100))).isEqualTo(3);
    assertThat(at(0, 100, 199, 200, 250).most(Duration.ofMillis(200))).isEqualTo(4);
    assertThat(at(0, 100, 350).longestGap()).isEqualTo(Duration.ofMillis(250));
  }

  private static StartTimes at(long... millis) {
    return StartTimes.of(LongStream.of(millis).mapToObj(Instant::ofEpochMilli).toList());
  }
}
