package dev.postrider.simulation;

import dev.postrider.job.RateLimit;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.Setting;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds changes of limits: {@code limits().rate(2, null).maxInFlight(3).build()}. */
final class LimitsBuilder {
  private @Nullable Setting<RateLimit> rate;
  private @Nullable Setting<RateLimit> everyKey;
  private boolean clearKeys;
  private final Map<String, Setting<RateLimit>> keys = new LinkedHashMap<>();
  private final Map<String, Setting<RateLimit>> destinations = new LinkedHashMap<>();
  private final Map<String, Setting<Double>> weights = new LinkedHashMap<>();
  private @Nullable Setting<Integer> maxInFlight;
  private @Nullable Setting<Integer> maxOfKey;
  private @Nullable Setting<Integer> maxToDestination;

  private LimitsBuilder() {}

  static LimitsBuilder limits() {
    return new LimitsBuilder();
  }

  LimitsBuilder rate(double perSecond, @Nullable Integer burst) {
    rate = new Setting<>(new RateLimit(perSecond, burst));
    return this;
  }

  LimitsBuilder noRate() {
    rate = new Setting<>(null);
    return this;
  }

  LimitsBuilder everyKey(double perSecond, @Nullable Integer burst) {
    everyKey = new Setting<>(new RateLimit(perSecond, burst));
    return this;
  }

  LimitsBuilder noEveryKey() {
    everyKey = new Setting<>(null);
    return this;
  }

  LimitsBuilder key(String key, double perSecond, @Nullable Integer burst) {
    keys.put(key, new Setting<>(new RateLimit(perSecond, burst)));
    return this;
  }

  LimitsBuilder noKey(String key) {
    keys.put(key, new Setting<>(null));
    return this;
  }

  /** What keys have goes before others are set. */
  LimitsBuilder clearKeys() {
    clearKeys = true;
    return this;
  }

  LimitsBuilder destination(String destination, double perSecond, @Nullable Integer burst) {
    destinations.put(destination, new Setting<>(new RateLimit(perSecond, burst)));
    return this;
  }

  LimitsBuilder noDestination(String destination) {
    destinations.put(destination, new Setting<>(null));
    return this;
  }

  LimitsBuilder weight(String key, @Nullable Double weight) {
    weights.put(key, new Setting<>(weight));
    return this;
  }

  LimitsBuilder maxInFlight(@Nullable Integer value) {
    maxInFlight = new Setting<>(value);
    return this;
  }

  LimitsBuilder maxOfKey(@Nullable Integer value) {
    maxOfKey = new Setting<>(value);
    return this;
  }

  LimitsBuilder maxToDestination(@Nullable Integer value) {
    maxToDestination = new Setting<>(value);
    return this;
  }

  LimitsChange build() {
    return new LimitsChange(
        rate,
        everyKey,
        new Entries<>(clearKeys, keys),
        new Entries<>(false, destinations),
        new Entries<>(false, weights),
        maxInFlight,
        maxOfKey,
        maxToDestination);
  }
}
