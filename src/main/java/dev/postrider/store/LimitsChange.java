package dev.postrider.store;

import dev.postrider.job.RateLimit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What changes in the limits of a queue; null = it stays.
 *
 * @see dev.postrider.job.QueueLimits what each of them means
 */
public record LimitsChange(
    @Nullable Setting<RateLimit> rateLimit,
    @Nullable Setting<RateLimit> fairnessKeyRateLimit,
    Entries<RateLimit> fairnessKeyRateLimits,
    Entries<RateLimit> destinationRateLimits,
    Entries<Double> fairnessWeights,
    @Nullable Setting<Integer> maxInFlight,
    @Nullable Setting<Integer> maxInFlightPerFairnessKey,
    @Nullable Setting<Integer> maxInFlightPerDestination) {
  public static final LimitsChange NONE =
      new LimitsChange(
          null, null, Entries.none(), Entries.none(), Entries.none(), null, null, null);

  /**
   * What changes in one of the maps.
   *
   * @param clear all that is there goes first
   * @param settings by fairness key or destination
   */
  public record Entries<T>(boolean clear, Map<String, Setting<T>> settings) {
    /** Nothing changes. */
    public static <T> Entries<T> none() {
      return new Entries<>(false, Map.of());
    }
  }
}
