package dev.postrider.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** How many attempts ran at the same time, by what they have in common. */
final class Overlaps {

  private Overlaps() {}

  /**
   * The most attempts of jobs at any time, by group. An attempt runs from its start up to its end,
   * which frees its place for one that starts in the same millisecond.
   */
  static Map<String, Integer> most(Collection<JsonNode> jobs, Function<JsonNode, String> group) {
    Map<String, TreeMap<Long, Integer>> changes = new HashMap<>();
    for (JsonNode job : jobs) {
      TreeMap<Long, Integer> ofGroup =
          changes.computeIfAbsent(group.apply(job), any -> new TreeMap<>());
      for (JsonNode attempt : job.at("/attempts")) {
        ofGroup.merge(millis(attempt, "/startedAt"), 1, Integer::sum);
        ofGroup.merge(millis(attempt, "/endedAt"), -1, Integer::sum);
      }
    }
    Map<String, Integer> most = new TreeMap<>();
    changes.forEach((name, ofGroup) -> most.put(name, highest(ofGroup)));
    return most;
  }

  private static int highest(SortedMap<Long, Integer> changes) {
    int running = 0;
    int highest = 0;
    for (int change : changes.values()) {
      running += change;
      highest = Math.max(highest, running);
    }
    return highest;
  }

  private static long millis(JsonNode attempt, String field) {
    return Instant.parse(attempt.at(field).asText()).toEpochMilli();
  }
}
