package dev.postrider.benchmarks;

import dev.postrider.job.RateLimit;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.Setting;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Limits that a queue is measured under. */
final class Limits {
  private Limits() {}

  static LimitsChange ofQueue(RateLimit limit) {
    return new LimitsChange(
        new Setting<>(limit),
        null,
        Entries.none(),
        Entries.none(),
        Entries.none(),
        null,
        null,
        null);
  }

  static LimitsChange ofEachKey(RateLimit limit) {
    return new LimitsChange(
        null,
        new Setting<>(limit),
        Entries.none(),
        Entries.none(),
        Entries.none(),
        null,
        null,
        null);
  }

  /** Of each of so many destinations of {@link Workload}. */
  static LimitsChange ofDestinations(int destinations, RateLimit limit) {
    Map<String, Setting<RateLimit>> limits =
        IntStream.range(0, destinations)
            .boxed()
            .collect(Collectors.toMap(Workload::destination, i -> new Setting<>(limit)));
    return new LimitsChange(
        null, null, Entries.none(), new Entries<>(false, limits), Entries.none(), null, null, null);
  }

  /** How much of the queue, of each key and of each destination may be in flight. */
  static LimitsChange inFlight(int most) {
    Setting<Integer> setting = new Setting<>(most);
    return new LimitsChange(
        null, null, Entries.none(), Entries.none(), Entries.none(), setting, setting, setting);
  }
}
