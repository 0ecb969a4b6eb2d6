package dev.postrider.store.redis;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds one partition against the invariants of {@code lua/README.md}: every run is in its one
 * place, every count is what it counts, and everything that has work will be reached.
 */
final class KeyspaceCheck {
  private static final int BUILT_IN = 32;

  private final Keyspace all;
  private final String tag;
  private final long retentionMs;
  private final List<String> broken = new ArrayList<>();
  private final Map<String, Map<String, Integer>> inFlight = new TreeMap<>();
  private final BacklogCheck backlog;

  /** The entries that lanes must hold, by lane. */
  private final Map<String, Set<String>> expectedEntries = new HashMap<>();

  KeyspaceCheck(Keyspace all, String tag, long retentionMs) {
    this.all = all;
    this.tag = tag;
    this.retentionMs = retentionMs;
    this.backlog = new BacklogCheck(all, tag);
  }

  List<String> broken() {
    all.strings.forEach(
        (key, value) -> {
          if (key.startsWith(tag + "j:")) {
            run(key.substring((tag + "j:").length()), value);
          } else if (key.startsWith(tag + "j0:")) {
            String name = key.substring((tag + "j0:").length(), key.length() - 9);
            JobRecord old = new JobRecord(Keyspace.bytes(value));
            if (JobRecord.status(old.state()).isOpen()) {
              broken.add("an older run of " + name + " is open");
            }
            run(name, value);
          }
        });
    all.lists.forEach(
        (key, entries) -> {
          if (key.startsWith(tag + "l:")) {
            lane(key, entries);
          }
        });
    expectedEntries.forEach(
        (lane, entries) -> {
          if (!all.lists.containsKey(lane)) {
            broken.add("lane " + lane + " is missing with " + entries.size() + " queued");
          }
        });
    counts();
    settings();
    broken.addAll(backlog.broken());
    broken.addAll(new ParkingCheck(all, tag, inFlight).broken());
    return broken;
  }

  private void run(String name, String value) {
    JobRecord record = new JobRecord(Keyspace.bytes(value));
    String ref = value.substring(72, 80) + name;
    String q = name.substring(0, name.indexOf('/')) + "/" + Keyspace.latin(record.taskQueue);
    String fairnessKey = Keyspace.latin(record.fairnessKey);
    String destination = Keyspace.latin(record.destination);
    switch (record.state()) {
      case 'S' -> {
        backlog.waits(q, value.charAt(71), fairnessKey, record.dispatchAt().toEpochMilli());
        String lane = tag + "l:" + q + "\t" + value.charAt(71) + fairnessKey + "\t" + destination;
        expectedEntries
            .computeIfAbsent(lane, k -> new HashSet<>())
            .add(value.substring(1, 9) + name);
        looked(name, ref, soonest(record.expiresAt(), toStart(record)));
      }
      case 'W' -> looked(name, ref, soonest(record.expiresAt(), record.dispatchAt()));
      case 'P' -> looked(name, ref, soonest(record.expiresAt(), null));
      case 'R', 'c', 'p', 'r', 'k' -> {
        Map<String, Integer> counts = inFlight.computeIfAbsent(q, k -> new TreeMap<>());
        counts.merge("", 1, Integer::sum);
        counts.merge("k" + fairnessKey, 1, Integer::sum);
        if (!destination.isEmpty()) {
          counts.merge("d" + destination, 1, Integer::sum);
        }
        looked(name, ref, soonest(record.expiresAt(), attemptEnd(record)));
      }
      default -> {
        Instant closedAt = Objects.requireNonNull(record.closedAt());
        Double look = all.score(tag + "far", ref);
        if (look == null || look > closedAt.toEpochMilli() + retentionMs + 60_000) {
          broken.add("closed run of " + name + " will not be deleted in time: " + look);
        }
      }
    }
  }

  private static @Nullable Instant toStart(JobRecord record) {
    var limit = record.options().timeouts().scheduleToStart();
    return limit == null ? null : record.dispatchAt().plus(limit);
  }

  private static @Nullable Instant attemptEnd(JobRecord record) {
    Instant startedAt = Objects.requireNonNull(record.startedAt());
    var timeouts = record.options().timeouts();
    Instant end = timeouts.startToClose() == null ? null : startedAt.plus(timeouts.startToClose());
    if (timeouts.heartbeat() == null || record.has(BUILT_IN)) {
      return end;
    }
    Instant heard = record.heartbeatAt();
    Instant since = record.heartbeats() == 0 || heard == null ? startedAt : later(startedAt, heard);
    return soonest(end, since.plus(timeouts.heartbeat()));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static @Nullable Instant soonest(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isBefore(other) ? one : other;
  }

  /** Some timer looks at the run no later than at its next moment. */
  private void looked(String name, String ref, @Nullable Instant moment) {
    if (moment == null) {
      return;
    }
    long at = moment.toEpochMilli();
    boolean found = false;
    int near = 0;
    for (Map.Entry<String, Map<String, Double>> set : all.sortedSets.entrySet()) {
      String key = set.getKey();
      Double score = set.getValue().get(ref);
      if (score == null || !key.startsWith(tag)) {
        continue;
      }
      if (key.equals(tag + "tm") || key.startsWith(tag + "tm:")) {
        near++;
        found |= score <= at;
      } else if (key.equals(tag + "far")) {
        found |= score <= at;
      }
    }
    if (!found) {
      broken.add("no timer looks at " + name + " by " + at);
    }
    if (near > 1) {
      broken.add(name + " is in " + near + " near timers");
    }
  }

  private void lane(String key, List<String> entries) {
    Set<String> expected = new HashSet<>(expectedEntries.getOrDefault(key, Set.of()));
    for (String entry : entries) {
      if (!expected.remove(entry)) {
        broken.add("lane " + key + " holds an entry that no record matches: " + entry);
      }
    }
    expected.forEach(entry -> broken.add("lane " + key + " lacks " + entry.substring(8)));
    reachable(key);
  }

  /**
   * A lane with work is in the rings, or waits under a limit; one drained meanwhile may be in both.
   */
  private void reachable(String key) {
    String rest = key.substring((tag + "l:").length());
    int first = rest.indexOf('\t');
    int second = rest.indexOf('\t', first + 1);
    String q = rest.substring(0, first);
    String priority = rest.substring(first + 1, first + 2);
    String fairnessKey = rest.substring(first + 2, second);
    String destination = rest.substring(second + 1);
    Map<String, Double> ring = all.sortedSets.get(tag + "d:" + q + "\t" + priority + fairnessKey);
    boolean waits = all.score(tag + "wd:" + q + "\t" + priority + destination, fairnessKey) != null;
    boolean inKey = ring == null ? destination.isEmpty() : ring.containsKey(destination);
    if (!inKey && (!waits || destination.isEmpty())) {
      broken.add("lane " + key + " is nowhere in its key");
    }
    if (inKey) {
      boolean inRing = all.score(tag + "r" + priority + ":" + q, fairnessKey) != null;
      boolean keyWaits = all.score(tag + "wk:" + q + "\t" + fairnessKey, priority) != null;
      if (inRing == keyWaits) {
        broken.add("the key of lane " + key + (inRing ? " is in its ring and waits" : " is lost"));
      }
    }
  }

  private void counts() {
    Set<String> queues = new HashSet<>(inFlight.keySet());
    all.hashes.keySet().stream()
        .filter(k -> k.startsWith(tag + "q:"))
        .forEach(k -> queues.add(k.substring((tag + "q:").length())));
    for (String q : queues) {
      Map<String, String> queue = all.hashes.getOrDefault(tag + "q:" + q, Map.of());
      Map<String, Integer> expected = inFlight.getOrDefault(q, Map.of());
      count(q + " in", expected.getOrDefault("", 0), queue.get("in"));
      Map<String, String> counted = all.hashes.getOrDefault(tag + "n:" + q, Map.of());
      Set<String> fields = new HashSet<>(counted.keySet());
      fields.addAll(expected.keySet());
      fields.remove("");
      fields.forEach(f -> count(q + " " + f, expected.getOrDefault(f, 0), counted.get(f)));
    }
  }

  /** What leases read of a queue follows from what was set. */
  private void settings() {
    all.hashes.forEach(
        (key, queue) -> {
          if (key.startsWith(tag + "q:")) {
            Map<String, String> set =
                all.hashes.getOrDefault(tag + "cf:" + key.substring((tag + "q:").length()), Map.of());
            if (!Objects.equals(set.get("=paused"), queue.get("paused"))) {
              broken.add(key + " is not paused as " + set);
            }
            for (String cap : List.of("max", "kmax", "dmax")) {
              if (set.containsKey("=" + cap) != queue.containsKey(cap)) {
                broken.add(key + " is bounded by " + cap + ", other than " + set);
              }
            }
          }
        });
  }

  private void count(String what, int expected, @Nullable String counted) {
    if (expected != (counted == null ? 0 : Integer.parseInt(counted))) {
      broken.add(what + " is counted as " + counted + ", but is " + expected);
    }
  }
}
