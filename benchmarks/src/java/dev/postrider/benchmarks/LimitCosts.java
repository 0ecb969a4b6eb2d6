package dev.postrider.benchmarks;

import dev.postrider.benchmarks.Workload.Kind;
import dev.postrider.benchmarks.Workload.Shape;
import dev.postrider.job.RateLimit;
import dev.postrider.store.LimitsChange;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What limits cost: where they never bind, where they bind, and what waits under them. */
final class LimitCosts {
  private static final int[] LANES = {10, 100, 1_000, 10_000, 100_000};
  private static final int[] RATED_KEYS = {100, 10_000, 100_000};
  private static final int JOBS = 100_000;
  private static final int STANDING_JOBS = 20_000;
  private static final int EMPTY_LEASES = 2_000;

  private static final RateLimit ANY_NUMBER = new RateLimit(1_000_000, 1_000_000);
  private static final RateLimit ONE_A_MILLISECOND = new RateLimit(1_000, 1);
  private static final RateLimit HARDLY_ANY = new RateLimit(0.1, 1);

  private final Vertx vertx;
  private final RedisServer redis;
  private final int batch;
  private final int rounds;
  private final boolean commands;

  LimitCosts(Vertx vertx, RedisServer redis, int batch, int rounds, boolean commands) {
    this.vertx = vertx;
    this.redis = redis;
    this.batch = batch;
    this.rounds = rounds;
    this.commands = commands;
  }

  /** Figures of one row, a round after the other. */
  private static final class Rows {
    private final Map<String, List<Cost>> costs = new LinkedHashMap<>();

    void add(String name, Reading used, int count) {
      costs.computeIfAbsent(name, any -> new ArrayList<>()).add(Cost.of(used, count));
    }

    void print(String title) {
      Cost.head(title);
      costs.forEach(Cost::row);
    }
  }

  /** Keys whose jobs share one destination at its cap: each completion frees a slot for another. */
  void capped() {
    Rows turns = new Rows();
    Rows empty = new Rows();
    for (int round = 0; round < rounds; round++) {
      for (int lanes : LANES) {
        String name = "%,d keys".formatted(lanes);
        Workload load = load(new Shape(Kind.WEBHOOK, lanes, 1), batch);
        load.start(JOBS).lease(batch).parkAll();
        empty.add(name, emptyLeases(load), EMPTY_LEASES);
        Reading before = Reading.of(redis);
        for (int done = 0; done < STANDING_JOBS; done += batch) {
          load.complete(batch).lease(batch);
        }
        Reading used = Reading.of(redis).minus(before);
        if (commands && round == 0) {
          System.out.print(lanes + " keys under one cap\n" + used.perJob(STANDING_JOBS));
        }
        turns.add(name, used, STANDING_JOBS);
      }
    }
    turns.print("one destination at its cap of %d: complete + lease".formatted(batch));
    empty.print("empty lease beside lanes parked under that cap");
  }

  /** Leases and completions under limits that never bind. */
  void limited() {
    Map<String, LimitsChange> limits = new LinkedHashMap<>();
    limits.put("no limit", LimitsChange.NONE);
    limits.put("the queue's rate", Limits.ofQueue(ANY_NUMBER));
    limits.put("each fairness key's rate", Limits.ofEachKey(ANY_NUMBER));
    limits.put("the destinations' rates", Limits.ofDestinations(5, ANY_NUMBER));
    limits.put("bounds of all three on what is in flight", Limits.inFlight(1_000_000));
    Rows leases = new Rows();
    Rows completions = new Rows();
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, LimitsChange> limit : limits.entrySet()) {
        Workload load = load(new Shape(Kind.WEBHOOK, 10, 5), 0);
        load.limit(limit.getValue()).start(STANDING_JOBS);
        Reading queued = Reading.of(redis);
        load.lease(STANDING_JOBS);
        Reading leased = Reading.of(redis);
        load.complete(STANDING_JOBS);
        leases.add(limit.getKey(), leased.minus(queued), STANDING_JOBS);
        completions.add(limit.getKey(), Reading.of(redis).minus(leased), STANDING_JOBS);
      }
    }
    leases.print("lease of webhooks of 10 keys to 5 destinations, batches of " + batch + ", under");
    completions.print("completion, alike");
  }

  /** Leases from ever more keys, none of which may give two tasks in a millisecond. */
  void rated() {
    Rows rows = new Rows();
    for (int round = 0; round < rounds; round++) {
      for (int keys : RATED_KEYS) {
        rows.add("%,d keys, no limit".formatted(keys), leases(keys, null), STANDING_JOBS);
        rows.add(
            "%,d keys, one task a millisecond of each".formatted(keys),
            leases(keys, ONE_A_MILLISECOND),
            STANDING_JOBS);
      }
    }
    rows.print("lease, batches of " + batch);
  }

  private Reading leases(int keys, @Nullable RateLimit ofEachKey) {
    Workload load = load(new Shape(Kind.PLAIN, keys, 0), 0);
    if (ofEachKey != null) {
      load.limit(Limits.ofEachKey(ofEachKey));
    }
    load.start(Math.max(JOBS, 2 * keys));
    Reading before = Reading.of(redis);
    for (int got = 0; got < STANDING_JOBS; ) {
      got += load.lease().tasks().size();
    }
    return Reading.of(redis).minus(before);
  }

  /** Leases that find nothing, because all there is waits for a time. */
  void parked() {
    Rows byKey = new Rows();
    Rows byDestination = new Rows();
    for (int round = 0; round < rounds; round++) {
      for (int lanes : LANES) {
        String name = "%,d".formatted(lanes);
        Workload keys = load(new Shape(Kind.PLAIN, lanes, 0, 0.001), 0);
        keys.limit(Limits.ofEachKey(HARDLY_ANY)).start(2 * lanes).parkAll();
        byKey.add(name, emptyLeases(keys), EMPTY_LEASES);
        Workload destination = load(new Shape(Kind.WEBHOOK, lanes, 1), 0);
        destination.limit(Limits.ofDestinations(1, HARDLY_ANY)).start(2 * lanes).parkAll();
        byDestination.add(name, emptyLeases(destination), EMPTY_LEASES);
      }
    }
    byKey.print("empty lease beside fairness keys parked under their rates");
    byDestination.print("empty lease beside keys parked under their destination's rate");
  }

  private Reading emptyLeases(Workload load) {
    Reading before = Reading.of(redis);
    for (int i = 0; i < EMPTY_LEASES; i++) {
      if (!load.lease().tasks().isEmpty()) {
        throw new IllegalStateException("something came due; this machine is too slow for it");
      }
    }
    return Reading.of(redis).minus(before);
  }

  private Workload load(Shape shape, int maxInFlightPerDestination) {
    return Workload.on(vertx, redis, shape, batch, maxInFlightPerDestination);
  }
}
