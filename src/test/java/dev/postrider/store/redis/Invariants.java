package dev.postrider.store.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is true between any two scripts, as {@code lua/README.md} lists it. */
final class Invariants {
  private final Map<String, Map<String, String>> keys;
  private final List<String> broken = new ArrayList<>();
  private final Map<String, Integer> counts = new HashMap<>();

  private Invariants(Contents keyspace) {
    this.keys = keyspace.keys();
  }

  /** What does not hold; empty = all is well. */
  static List<String> brokenIn(Contents keyspace) {
    Invariants invariants = new Invariants(keyspace);
    invariants.records();
    invariants.queues();
    invariants.lanes();
    invariants.parked();
    return invariants.broken;
  }

  private void records() {
    keys.forEach(
        (key, record) -> {
          if (key.startsWith("j:")) {
            record(key.substring(2), record);
          } else if (key.startsWith("j0:") && "SWPRcprk".contains(record.get("state"))) {
            broken.add(key + " is open, yet not the latest");
          }
        });
  }

  private void record(String name, Map<String, String> record) {
    String q = name.substring(0, name.indexOf('/')) + "/" + record.get("queue");
    String ref = record.get("run") + " " + name;
    String key = record.getOrDefault("fairness", "");
    String to = record.getOrDefault("to", "");
    switch (record.get("state")) {
      case "S" -> {
        count("ready " + q);
        count("b " + q + " " + record.get("priority"));
        if (!key.isEmpty()) {
          count("bk " + q + " " + key);
          count("b " + q + " keyed");
        }
        String lane = "l:" + q + "\\t" + record.get("priority") + key + "\\t" + to;
        String entry = record.get("fence") + " " + name;
        if (keys.getOrDefault(lane, Map.of()).values().stream().filter(entry::equals).count()
            != 1) {
          broken.add(name + " is queued, yet not once in " + lane);
        }
      }
      case "W" -> {
        if (!isIn("tm", ref) && !isIn("far", ref)) {
          broken.add(name + " waits in no timer");
        }
      }
      case "R", "c", "p", "r", "k" -> {
        count("in " + q);
        count(q + " k" + key);
        if (!to.isEmpty()) {
          count(q + " d" + to);
        }
        boolean builtIn = (Integer.parseInt(record.getOrDefault("flags", "0")) & 32) != 0;
        String node =
            keys.getOrDefault("wn", Map.of())
                .getOrDefault(record.getOrDefault("worker", ""), "")
                .replaceFirst("^postrider/", "");
        if (builtIn ? !isIn("tm:" + node, ref) : !isIn("tm", ref) && !isIn("far", ref)) {
          broken.add(name + " is leased, yet in no timer");
        }
      }
      case "P" -> {}
      default -> {
        if (!isIn("far", ref)) {
          broken.add(name + " is closed, yet nobody will delete it");
        }
        if (isIn("tm", ref)) {
          broken.add(name + " is closed, yet in the near timers");
        }
      }
    }
  }

  private void queues() {
    Set<String> checked = new HashSet<>(counts.keySet());
    keys.forEach(
        (key, parts) -> {
          if (key.startsWith("q:")) {
            String q = key.substring(2);
            same("in " + q, parts.getOrDefault("in", "0"), checked);
            same("ready " + q, parts.getOrDefault("ready", "0"), checked);
          } else if (key.startsWith("b:") || key.startsWith("bk:")) {
            String kind = key.substring(0, key.indexOf(':'));
            String q = key.substring(key.indexOf(':') + 1);
            parts.forEach((field, n) -> same(kind + " " + q + " " + field, n, checked));
          } else if (key.startsWith("bs:")) {
            seconds(key.substring(3), parts);
          } else if (key.startsWith("n:")) {
            parts.forEach((field, n) -> same(key.substring(2) + " " + field, n, checked));
          }
        });
    checked.forEach(left -> broken.add(left + " is counted nowhere"));
  }

  /** The seconds of a priority's backlog add up to it, and each is in its order. */
  private void seconds(String q, Map<String, String> parts) {
    Map<String, Integer> sums = new HashMap<>();
    parts.forEach(
        (field, n) -> {
          String priority = field.substring(0, 1);
          sums.merge(priority, Integer.parseInt(n), Integer::sum);
          if (!isIn("bo" + priority + ":" + q, field.substring(1))) {
            broken.add(field + " of bs:" + q + " is in no order");
          }
        });
    sums.forEach(
        (priority, n) -> {
          if (counts.getOrDefault("b " + q + " " + priority, 0).intValue() != n.intValue()) {
            broken.add("the seconds of priority " + priority + " in " + q + " add up to " + n);
          }
        });
  }

  private void same(String what, String counted, Set<String> checked) {
    checked.remove(what);
    if (!counted.equals(String.valueOf(counts.getOrDefault(what, 0)))) {
      broken.add(what + " is " + counts.getOrDefault(what, 0) + ", yet counted as " + counted);
    }
  }

  private void lanes() {
    for (String lane : keys.keySet()) {
      if (lane.startsWith("l:")) {
        String[] parts = lane.substring(2).split("\\\\t", 3);
        String q = parts[0];
        String priority = parts[1].substring(0, 1);
        String key = parts[1].substring(1);
        String to = parts[2];
        boolean parked = isIn("wd:" + q + "\\t" + priority + to, key);
        Map<String, String> turns = keys.get("d:" + q + "\\t" + parts[1]);
        boolean inTurn = turns == null ? to.isEmpty() : turns.containsKey(to);
        if (!parked && !inTurn) {
          broken.add(lane + " has no place in its key");
        }
        if (inTurn
            && !isIn("r" + priority + ":" + q, key)
            && !isIn("wk:" + q + "\\t" + key, priority)) {
          broken.add(lane + ": its key has no place");
        }
        if (isIn("r" + priority + ":" + q, key) && !isIn("q:" + q, "vt" + priority)) {
          broken.add("ring " + priority + " of " + q + " stands outside of time");
        }
      }
    }
  }

  private void parked() {
    for (String key : keys.keySet()) {
      if (key.startsWith("wd:")) {
        String[] parts = key.substring(3).split("\\\\t", 2);
        if (!isIn("pk:" + parts[0], "d" + parts[1].substring(1))) {
          broken.add(key + " waits, yet not in pk");
        }
      } else if (key.startsWith("wk:")) {
        String[] parts = key.substring(3).split("\\\\t", 2);
        if (!isIn("pk:" + parts[0], "k" + parts[1])) {
          broken.add(key + " waits, yet not in pk");
        }
      } else if (key.startsWith("pk:")) {
        limits(key.substring(3));
      }
    }
  }

  /**
   * A limit with nothing in flight holds up nobody, unless its slots are for lanes in the rings.
   */
  private void limits(String q) {
    for (String field : keys.getOrDefault("pk:" + q, Map.of()).keySet()) {
      String name = field.substring(1);
      boolean back =
          keys.keySet().stream()
              .filter(key -> key.startsWith("d:" + q + "\\t"))
              .anyMatch(key -> isIn(key, name));
      if (counts.getOrDefault(q + " " + field, 0) == 0 && !back) {
        broken.add(field + " of " + q + " is parked with nothing in flight");
      }
    }
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  private boolean isIn(String key, String part) {
    return keys.getOrDefault(key, Map.of()).containsKey(part);
  }
}
