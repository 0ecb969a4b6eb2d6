package dev.postrider.store.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Holds the counters of what waits in one partition against the records of what does. */
final class BacklogCheck {
  private final Keyspace all;
  private final String tag;

  /** By key, the fields that count, and how often each should have been. */
  private final Map<String, Map<String, Integer>> expected = new TreeMap<>();

  BacklogCheck(Keyspace all, String tag) {
    this.all = all;
    this.tag = tag;
  }

  /** A run waits for its turn. */
  void waits(String q, char priority, String fairnessKey, long dispatchAt) {
    String second = String.valueOf(Math.floorDiv(dispatchAt, 1000L));
    count("q:" + q, "ready");
    count("b:" + q, String.valueOf(priority));
    count("bs:" + q, priority + second);
    expected
        .computeIfAbsent(tag + "bo" + priority + ":" + q, key -> new HashMap<>())
        .put(second, Integer.valueOf(second));
    if (!fairnessKey.isEmpty()) {
      count("b:" + q, "keyed");
      count("bk:" + q, fairnessKey);
    }
  }

  private void count(String key, String field) {
    expected.computeIfAbsent(tag + key, any -> new HashMap<>()).merge(field, 1, Integer::sum);
  }

  List<String> broken() {
    List<String> broken = new ArrayList<>();
    Set<String> keys = new TreeSet<>(expected.keySet());
    for (Set<String> named : List.of(all.hashes.keySet(), all.sortedSets.keySet())) {
      named.stream().filter(this::counts).forEach(keys::add);
    }
    for (String key : keys) {
      Map<String, Integer> right = expected.getOrDefault(key, Map.of());
      Map<String, Integer> counted = counted(key);
      Set<String> fields = new TreeSet<>(right.keySet());
      fields.addAll(counted.keySet());
      for (String field : fields) {
        if (!Objects.equals(right.getOrDefault(field, 0), counted.getOrDefault(field, 0))) {
          broken.add(
              "%s %s is counted as %s, but is %s"
                  .formatted(key, field, counted.get(field), right.get(field)));
        }
      }
    }
    return broken;
  }

  private boolean counts(String key) {
    return key.startsWith(tag) && key.substring(tag.length()).matches("(?s)(b|bs|bk|bo\\d|q):.*");
  }

  private Map<String, Integer> counted(String key) {
    Map<String, Integer> counted = new HashMap<>();
    boolean ofQueue = key.startsWith(tag + "q:");
    all.hashes
        .getOrDefault(key, Map.of())
        .forEach(
            (field, value) -> {
              if (!ofQueue || field.equals("ready")) {
                counted.put(field, Integer.valueOf(value));
              }
            });
    all.sortedSets
        .getOrDefault(key, Map.of())
        .forEach((field, score) -> counted.put(field, score.intValue()));
    return counted;
  }
}
