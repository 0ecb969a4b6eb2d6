package dev.postrider.job;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was set for a task queue at run time; null and absent = nothing, and so no limit.
 *
 * @param rateLimit of the queue as a whole
 * @param fairnessKeyRateLimit of each fairness key; its rate is multiplied by the key's weight
 * @param fairnessKeyRateLimits by fairness key, in place of that; not multiplied
 * @param destinationRateLimits by destination, {@code scheme://host:port}
 * @param fairnessWeights by fairness key, in place of what its jobs say; 0.001 to 1000
 * @param maxInFlight how many tasks of the queue may be leased at a time
 * @param maxInFlightPerFairnessKey how many of each fairness key
 * @param maxInFlightPerDestination how many to each destination
 */
public record QueueLimits(
    @Nullable RateLimit rateLimit,
    @Nullable RateLimit fairnessKeyRateLimit,
    Map<String, RateLimit> fairnessKeyRateLimits,
    Map<String, RateLimit> destinationRateLimits,
    Map<String, Double> fairnessWeights,
    @Nullable Integer maxInFlight,
    @Nullable Integer maxInFlightPerFairnessKey,
    @Nullable Integer maxInFlightPerDestination) {
  public static final QueueLimits NONE =
      new QueueLimits(null, null, Map.of(), Map.of(), Map.of(), null, null, null);
}
