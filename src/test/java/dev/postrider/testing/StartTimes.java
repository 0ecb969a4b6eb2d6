package dev.postrider.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** When tasks were started, by Redis's clock; what a rate is judged by. */
public final class StartTimes {

  private final long[] millis;

  private StartTimes(long[] sorted) {
    this.millis = sorted;
  }

  public static StartTimes of(Collection<Instant> starts) {
    return new StartTimes(starts.stream().mapToLong(Instant::toEpochMilli).sorted().toArray());
  }

  /** Those of all attempts of jobs but what was handed back, whose token was given back too. */
  public static StartTimes ofAttempts(Collection<JsonNode> jobs) {
    List<Instant> starts = new ArrayList<>();
    for (JsonNode job : jobs) {
      for (JsonNode attempt : job.at("/attempts")) {
        if (!attempt.at("/outcome").asText().equals("handed_back")) {
          starts.add(Instant.parse(attempt.at("/startedAt").asText()));
        }
      }
    }
    return of(starts);
  }

  public int count() {
    return millis.length;
  }

  public Instant first() {
    return Instant.ofEpochMilli(millis[0]);
  }

  public Instant last() {
    return Instant.ofEpochMilli(millis[millis.length - 1]);
  }

  /** Those from one instant on and before another. */
  public StartTimes between(Instant from, Instant end) {
    return new StartTimes(
        Arrays.stream(millis)
            .filter(at -> at >= from.toEpochMilli() && at < end.toEpochMilli())
            .toArray());
  }

  /**
   * By how many tasks the stretch of time that has the most too many is over {@code burst + rate ×
   * t}; 0 or less if none is.
   */
  public double excess(double burst, double rate) {
    double worst = Double.NEGATIVE_INFINITY;
    double mostDebt = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < millis.length; i++) {
      double earned = rate * (millis[i] - millis[0]) / 1e3;
      mostDebt = Math.max(mostDebt, earned - i);
      worst = Math.max(worst, mostDebt + (i + 1) - earned - burst);
    }
    return worst;
  }

  /** The longest time from one to the next. */
  public Duration longestGap() {
    long longest = 0;
    for (int i = 1; i < millis.length; i++) {
      longest = Math.max(longest, millis[i] - millis[i - 1]);
    }
    return Duration.ofMillis(longest);
  }

  /** The most in any stretch of that length. */
  public int most(Duration length) {
    int most = 0;
    for (int from = 0, end = 0; end < millis.length; end++) {
      while (millis[end] - millis[from] >= length.toMillis()) {
        from++;
      }
      most = Math.max(most, end - from + 1);
    }
    return most;
  }
}
