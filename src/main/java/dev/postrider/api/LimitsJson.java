package dev.postrider.api;

import dev.postrider.job.QueueLimits;
import dev.postrider.job.RateLimit;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The form of the limits in force, each with where it comes from. */
final class LimitsJson {

  private static final String API = "api";
  private static final String CONFIGURATION = "configuration";

  private LimitsJson() {}

  /**
   * Writes them.
   *
   * @param configuredPerDestination what holds where the limits have none per destination
   */
  static void write(JsonOutput out, QueueLimits limits, @Nullable Integer configuredPerDestination)
      throws IOException {
    write(out, "rateLimit", limits.rateLimit());
    write(out, "fairnessKeyRateLimit", limits.fairnessKeyRateLimit());
    write(out, "fairnessKeyRateLimits", limits.fairnessKeyRateLimits(), LimitsJson::write);
    write(out, "destinationRateLimits", limits.destinationRateLimits(), LimitsJson::write);
    write(out, "fairnessWeights", limits.fairnessWeights(), LimitsJson::write);
    write(out, "maxInFlight", limits.maxInFlight(), API);
    write(out, "maxInFlightPerFairnessKey", limits.maxInFlightPerFairnessKey(), API);
    Integer perDestination = limits.maxInFlightPerDestination();
    if (perDestination == null) {
      write(out, "maxInFlightPerDestination", configuredPerDestination, CONFIGURATION);
    } else {
      write(out, "maxInFlightPerDestination", perDestination, API);
    }
  }

  /** Writes one entry of a map. */
  private interface Entry<T> {
    void write(JsonOutput out, String name, T value) throws IOException;
  }

  private static <T> void write(JsonOutput out, String name, Map<String, T> map, Entry<T> entry)
      throws IOException {
    if (!map.isEmpty()) {
      out.object(
          name,
          fields -> {
            // In an order of their own, so that two answers can be compared.
            for (Map.Entry<String, T> each : new TreeMap<>(map).entrySet()) {
              entry.write(fields, each.getKey(), each.getValue());
            }
          });
    }
  }

  private static void write(JsonOutput out, String name, @Nullable RateLimit rate)
      throws IOException {
    if (rate != null) {
      Integer burst = rate.burst();
      out.object(
          name,
          fields -> {
            fields.decimal("requestsPerSecond", rate.requestsPerSecond());
            if (burst != null) {
              fields.number("burst", burst);
            }
            fields.text("source", API);
          });
    }
  }

  private static void write(JsonOutput out, String name, Double weight) throws IOException {
    out.object(
        name,
        fields -> {
          fields.decimal("value", weight);
          fields.text("source", API);
        });
  }

  private static void write(JsonOutput out, String name, @Nullable Integer bound, String source)
      throws IOException {
    if (bound != null) {
      out.object(
          name,
          fields -> {
            fields.number("value", bound);
            fields.text("source", source);
          });
    }
  }
}
