package dev.postrider.store.redis;

import dev.postrider.job.QueueLimits;
import dev.postrider.job.RateLimit;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.Setting;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A queue's limits as fields of {@code cf:<q>}; {@code lua/lib/queue_settings.lua} has the table.
 */
final class LimitFields {
  private static final String RATE = "=rate";
  private static final String KEY_RATE = "=krate";
  private static final String MAX = "=max";
  private static final String KEY_MAX = "=kmax";
  private static final String DESTINATION_MAX = "=dmax";
  private static final String OF_KEY = "k";
  private static final String OF_DESTINATION = "d";
  private static final String WEIGHT = "w";
  private static final double MILLION = 1_000_000;

  private LimitFields() {}

  /** Field and value by turns, in the order in which they are to be set; "" = removed. */
  static List<Object> of(LimitsChange change) {
    List<Object> fields = new ArrayList<>();
    add(fields, RATE, change.rateLimit(), LimitFields::text);
    add(fields, KEY_RATE, change.fairnessKeyRateLimit(), LimitFields::text);
    add(fields, MAX, change.maxInFlight(), String::valueOf);
    add(fields, KEY_MAX, change.maxInFlightPerFairnessKey(), String::valueOf);
    add(fields, DESTINATION_MAX, change.maxInFlightPerDestination(), String::valueOf);
    add(fields, OF_KEY, change.fairnessKeyRateLimits(), LimitFields::text);
    add(fields, OF_DESTINATION, change.destinationRateLimits(), LimitFields::text);
    add(
        fields,
        WEIGHT,
        change.fairnessWeights(),
        w -> new BigDecimal(w.toString()).toPlainString());
    return fields;
  }

  private static <T> void add(
      List<Object> fields, String name, @Nullable Setting<T> setting, Function<T, String> text) {
    if (setting != null) {
      fields.add(name);
      fields.add(setting.value() == null ? "" : text.apply(setting.value()));
    }
  }

  private static <T> void add(
      List<Object> fields,
      String letter,
      LimitsChange.Entries<T> entries,
      Function<T, String> text) {
    if (entries.clear()) {
      fields.add("*" + letter);
      fields.add("");
    }
    entries.settings().forEach((name, setting) -> add(fields, letter + name, setting, text));
  }

  /** The name of the map whose entries begin with a letter. */
  static String mapOf(String letter) {
    return switch (letter) {
      case OF_KEY -> "fairnessKeyRateLimits";
      case OF_DESTINATION -> "destinationRateLimits";
      case WEIGHT -> "fairnessWeights";
      default -> throw new IllegalStateException("update_limits.lua named the map " + letter);
    };
  }

  /** What the fields say. */
  static QueueLimits read(Map<String, String> fields) {
    Map<String, RateLimit> ofKeys = new TreeMap<>();
    Map<String, RateLimit> ofDestinations = new TreeMap<>();
    Map<String, Double> weights = new TreeMap<>();
    fields.forEach(
        (field, value) -> {
          String name = field.substring(1);
          switch (field.substring(0, 1)) {
            case OF_KEY -> ofKeys.put(name, rate(value));
            case OF_DESTINATION -> ofDestinations.put(name, rate(value));
            case WEIGHT -> weights.put(name, Double.valueOf(value));
            default -> {}
          }
        });
    return new QueueLimits(
        rateOf(fields, RATE),
        rateOf(fields, KEY_RATE),
        ofKeys,
        ofDestinations,
        weights,
        number(fields, MAX),
        number(fields, KEY_MAX),
        number(fields, DESTINATION_MAX));
  }

  private static String text(RateLimit limit) {
    return Math.round(limit.requestsPerSecond() * MILLION)
        + " "
        + (limit.burst() == null ? "-" : limit.burst());
  }

  private static @Nullable RateLimit rateOf(Map<String, String> fields, String name) {
    String value = fields.get(name);
    return value == null ? null : rate(value);
  }

  private static RateLimit rate(String text) {
    int space = text.indexOf(' ');
    String burst = text.substring(space + 1);
    return new RateLimit(
        Long.parseLong(text.substring(0, space)) / MILLION,
        burst.equals("-") ? null : Integer.valueOf(burst));
  }

  private static @Nullable Integer number(Map<String, String> fields, String name) {
    String value = fields.get(name);
    return value == null ? null : Integer.valueOf(value);
  }
}
