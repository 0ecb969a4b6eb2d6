package dev.postrider.simulation;

import dev.postrider.job.RateLimit;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.Setting;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes of limits: few rates, about as fast as time passes in a simulation, so that limits bite
 * and let go. A cap too low for one task in each partition is none that anybody may set.
 */
final class RandomLimits {
  /** How many entries each map of limits may have. */
  static final int MAX_ENTRIES = 4;

  private static final List<Double> WEIGHTS = Arrays.asList(0.01, 0.5, 1.0, 2.5, 100.0);

  /** Some rates of each kind. */
  static final LimitsChange RATES =
      new LimitsChange(
          new Setting<>(new RateLimit(20, 3)),
          new Setting<>(new RateLimit(2, null)),
          new Entries<>(false, Map.of("tenant 1", new Setting<>(new RateLimit(0.5, 2)))),
          new Entries<>(
              false, Map.of(Universe.DESTINATIONS.get(2), new Setting<>(new RateLimit(0.5, null)))),
          Entries.none(),
          null,
          null,
          null);

  private final Random random;
  private final int partitions;

  RandomLimits(Random random, int partitions) {
    this.random = random;
    this.partitions = partitions;
  }

  /** Only so many may be in flight. */
  static LimitsChange caps(int queue, int key, int destination) {
    return new LimitsChange(
        null,
        null,
        Entries.none(),
        Entries.none(),
        Entries.none(),
        new Setting<>(queue),
        new Setting<>(key),
        new Setting<>(destination));
  }

  /** A change of one thing or two. */
  LimitsChange change() {
    LimitsChange none = LimitsChange.NONE;
    int what = random.nextInt(8);
    int also = random.nextInt(3) == 0 ? random.nextInt(8) : what;
    List<Integer> which = List.of(what, also);
    return new LimitsChange(
        which.contains(0) ? setting(this::rate) : none.rateLimit(),
        which.contains(1) ? setting(this::rate) : none.fairnessKeyRateLimit(),
        which.contains(2)
            ? entries(Universe.FAIRNESS_KEYS, this::rate)
            : none.fairnessKeyRateLimits(),
        which.contains(3)
            ? entries(Universe.DESTINATIONS, this::rate)
            : none.destinationRateLimits(),
        which.contains(4)
            ? entries(Universe.FAIRNESS_KEYS, () -> Universe.pick(random, WEIGHTS))
            : none.fairnessWeights(),
        which.contains(5) ? setting(this::cap) : none.maxInFlight(),
        which.contains(6) ? setting(this::cap) : none.maxInFlightPerFairnessKey(),
        which.contains(7) ? setting(this::cap) : none.maxInFlightPerDestination());
  }

  private RateLimit rate() {
    double rate = random.nextInt(8) == 0 ? 0 : Universe.pick(random, List.of(0.5, 2.0, 20.0));
    return new RateLimit(rate, random.nextBoolean() ? null : 1 + random.nextInt(3));
  }

  private int cap() {
    return partitions + random.nextInt(5);
  }

  private <T> Setting<T> setting(Supplier<T> value) {
    return new Setting<>(valueOrNone(value));
  }

  private <T> @Nullable T valueOrNone(Supplier<T> value) {
    return random.nextInt(3) == 0 ? null : value.get();
  }

  /** At times more of them than there may be. */
  private <T> Entries<T> entries(List<String> names, Supplier<T> value) {
    Map<String, Setting<T>> settings = new LinkedHashMap<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      String name = Universe.pick(random, names);
      // no job goes to the destination without a name
      settings.put(
          name.isEmpty() && names == Universe.DESTINATIONS ? "other" : name, setting(value));
    }
    int others = random.nextInt(20) == 0 ? MAX_ENTRIES : 0;
    for (int i = 0; i < others; i++) {
      settings.put("other " + i, new Setting<>(value.get()));
    }
    return new Entries<>(random.nextInt(6) == 0, settings);
  }
}
