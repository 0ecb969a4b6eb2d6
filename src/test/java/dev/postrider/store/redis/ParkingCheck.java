package dev.postrider.store.redis;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Holds what waits under limits in one partition against {@code lua/lib/parking.lua}: whoever waits
 * will be looked at, and waits for a slot only where none is free.
 */
final class ParkingCheck {
  private final Keyspace all;
  private final String tag;

  /** What is in flight, by queue and by field. */
  private final Map<String, Map<String, Integer>> inFlight;

  private final List<String> broken = new ArrayList<>();

  ParkingCheck(Keyspace all, String tag, Map<String, Map<String, Integer>> inFlight) {
    this.all = all;
    this.tag = tag;
    this.inFlight = inFlight;
  }

  List<String> broken() {
    Map<String, Set<String>> waiting = new TreeMap<>();
    all.sortedSets.forEach(
        (key, members) -> {
          boolean byDestination = key.startsWith(tag + "wd:");
          if (byDestination || key.startsWith(tag + "wk:")) {
            String rest = key.substring((tag + "wd:").length());
            String q = rest.substring(0, rest.indexOf('\t'));
            String name = rest.substring(rest.indexOf('\t') + (byDestination ? 2 : 1));
            waiting
                .computeIfAbsent(q, any -> new TreeSet<>())
                .add((byDestination ? "d" : "k") + name);
          }
        });
    waiting.forEach((q, fields) -> fields.forEach(field -> stopped(q, field)));
    all.sortedSets.keySet().stream()
        .filter(key -> key.startsWith(tag + "pk:") || key.startsWith(tag + "pk0:"))
        .forEach(key -> looked(key, waiting));
    return broken;
  }

  private Map<String, String> queue(String q) {
    return all.hashes.getOrDefault(tag + "q:" + q, Map.of());
  }

  /** Something waits under a limit: it is in {@code pk}, and what it waits for will be noticed. */
  private void stopped(String q, String field) {
    Double at = all.score(tag + "pk:" + q, field);
    if (all.score(tag + "pk0:" + q, field) != null) {
      return;
    }
    if (at == null) {
      broken.add(field + " of " + q + " waits, but nothing in pk says so");
    } else if (at.isInfinite() && !isStopped(q, field)) {
      broken.add(field + " of " + q + " waits for a slot, but one is free");
    }
  }

  /** Its rate is 0, or all slots are taken or about to be. */
  private boolean isStopped(String q, String field) {
    boolean ofKey = field.startsWith("k");
    Map<String, String> queue = queue(q);
    String cap = ofKey ? queue.get("kmax") : queue.getOrDefault("dmax", queue.get("dmax0"));
    int taken = inFlight.getOrDefault(q, Map.of()).getOrDefault(field, 0);
    int takers = ofKey ? 0 : takers(q, field.substring(1));
    return "0".equals(rate(q, field))
        || (cap != null && taken + takers >= Integer.parseInt(cap));
  }

  private String rate(String q, String field) {
    Map<String, String> settings = all.hashes.getOrDefault(tag + "cf:" + q, Map.of());
    String common = field.startsWith("k") ? settings.getOrDefault("=krate", "") : "";
    return settings.getOrDefault(field, common).split(" ")[0];
  }

  /** Lanes to a destination whose turn comes without anything being freed. */
  private int takers(String q, String destination) {
    int takers = 0;
    String prefix = tag + "d:" + q + "\t";
    for (Map.Entry<String, Map<String, Double>> set : all.sortedSets.entrySet()) {
      if (set.getKey().startsWith(prefix) && set.getValue().containsKey(destination)) {
        String priority = set.getKey().substring(prefix.length(), prefix.length() + 1);
        String fairnessKey = set.getKey().substring(prefix.length() + 1);
        if (all.score(tag + "r" + priority + ":" + q, fairnessKey) != null) {
          takers++;
        }
      }
    }
    return takers;
  }

  /** A limit is there because something waits under it; its queue is looked at when it may give. */
  private void looked(String key, Map<String, Set<String>> waiting) {
    boolean again = key.startsWith(tag + "pk0:");
    String q = key.substring(key.indexOf(':') + 1);
    Set<String> unknown = new HashSet<>(all.sortedSets.get(key).keySet());
    unknown.removeAll(waiting.getOrDefault(q, Set.of()));
    if (!unknown.isEmpty()) {
      broken.add(key + " names what nothing waits under: " + unknown);
    }
    if (again && !queue(q).containsKey("recheck")) {
      broken.add(key + " is there, but nothing says so");
    }
    double soonest =
        again ? 0 : all.sortedSets.get(key).values().stream().min(Double::compare).orElseThrow();
    Double lookedAt = all.score(tag + "parked", q);
    boolean inTime = lookedAt != null && (soonest == 0 || lookedAt <= soonest);
    if (soonest != Double.POSITIVE_INFINITY && !inTime) {
      broken.add(key + " may give again at " + soonest + ", but is looked at at " + lookedAt);
    }
  }
}
