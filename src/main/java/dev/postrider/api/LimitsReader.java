package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.job.RateLimit;
import dev.postrider.job.WebhookUrl;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads changes to what limits a task queue: a limit that is absent stays, null removes it, and so
 * with each entry of a map.
 */
final class LimitsReader {

  private static final double LEAST_RATE = 0.1;
  private static final double GREATEST_RATE = 1_000_000;
  private static final int GREATEST_BURST = 1_000_000;
  private static final int GREATEST_BOUND = 1_000_000_000;

  private static final List<String> NAMES =
      List.of(
          "rateLimit",
          "fairnessKeyRateLimit",
          "fairnessKeyRateLimits",
          "destinationRateLimits",
          "fairnessWeights",
          "maxInFlight",
          "maxInFlightPerFairnessKey",
          "maxInFlightPerDestination");

  private final Fields fields;
  private final int partitions;
  private final int maxEntries;

  private LimitsReader(Fields fields, int partitions, int maxEntries) {
    this.fields = fields;
    this.partitions = partitions;
    this.maxEntries = maxEntries;
  }

  /**
   * Reads them, at least one; only to be used if there are no errors.
   *
   * @param partitions over which bounds are divided
   * @param maxEntries how many entries of a map may be changed at once
   */
  static LimitsChange read(Fields fields, int partitions, int maxEntries) {
    if (NAMES.stream().noneMatch(fields::has) && fields.errors().isEmpty()) {
      fields.reportSelf("must name a limit to change: " + String.join(", ", NAMES));
    }
    return new LimitsReader(fields, partitions, maxEntries).read();
  }

  private LimitsChange read() {
    return new LimitsChange(
        setting("rateLimit", name -> rate(fields, name)),
        setting("fairnessKeyRateLimit", name -> rate(fields, name)),
        entries("fairnessKeyRateLimits", LimitsReader::brokenKey, LimitsReader::rate),
        entries("destinationRateLimits", LimitsReader::brokenDestination, LimitsReader::rate),
        entries("fairnessWeights", LimitsReader::brokenKey, OptionFields::fairnessWeight),
        setting("maxInFlight", this::bound),
        setting("maxInFlightPerFairnessKey", this::bound),
        setting("maxInFlightPerDestination", this::bound));
  }

  private <T> @Nullable Setting<T> setting(String name, Function<String, @Nullable T> reader) {
    Change<T> change = Change.of(fields, name, reader);
    return change.given() ? new Setting<>(change.value()) : null;
  }

  /**
   * Reads a map.
   *
   * @param broken what is wrong with a name in it
   * @param reader of the value with such a name
   */
  private <T> Entries<T> entries(
      String name,
      Function<String, Optional<String>> broken,
      BiFunction<Fields, String, @Nullable T> reader) {
    if (fields.isNull(name)) {
      return new Entries<>(true, Map.of());
    }
    Fields map = fields.object(name);
    if (map == null) {
      return Entries.none();
    }
    int count = map.all().size();
    if (count > maxEntries) {
      fields.report(name, "must have at most " + maxEntries + " entries, not " + count);
      return Entries.none();
    }
    Map<String, Setting<T>> settings = new LinkedHashMap<>();
    for (String key : map.all().keySet()) {
      Optional<String> message = broken.apply(key);
      if (message.isPresent()) {
        map.report(shown(key), message.get());
      } else {
        Change<T> change = Change.of(map, key, each -> reader.apply(map, each));
        settings.put(key, new Setting<>(change.value()));
      }
    }
    return new Entries<>(false, settings);
  }

  private static @Nullable RateLimit rate(Fields fields, String name) {
    Fields rate = fields.object(name);
    if (rate == null) {
      return null;
    }
    rate.require("requestsPerSecond");
    Double perSecond = rate.decimalOrZero("requestsPerSecond", LEAST_RATE, GREATEST_RATE);
    Long burst = rate.integer("burst", 1, GREATEST_BURST);
    rate.end();
    return new RateLimit(
        perSecond == null ? 0 : perSecond, burst == null ? null : burst.intValue());
  }

  private @Nullable Integer bound(String name) {
    Long bound = fields.integer(name, 1, GREATEST_BOUND);
    if (bound != null && bound < partitions) {
      fields.report(
          name,
          "must be at least "
              + partitions
              + ", not "
              + bound
              + ": it is divided over the "
              + partitions
              + " partitions of the store, and each needs at least one");
      return null;
    }
    return bound == null ? null : bound.intValue();
  }

  private static Optional<String> brokenKey(String key) {
    return OptionFields.FAIRNESS_KEY.broken(key);
  }

  private static Optional<String> brokenDestination(String key) {
    String normal;
    try {
      normal = WebhookUrl.parse(key).destination();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    return key.equals(normal)
        ? Optional.empty()
        : Optional.of(
            "must be written as scheme://host:port in its normal form, \"" + normal + "\"");
  }

  private static String shown(String key) {
    return key.length() > 100 ? key.substring(0, 100) + "…" : key;
  }
}
