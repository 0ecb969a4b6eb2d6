package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import java.util.HashMap;
import java.util.Map;

/** Counts what is in flight, per queue, fairness key and destination of a partition. */
final class ModelFlight {
  /** Bounds on what is in flight in a partition. */
  record Caps(int queue, int fairnessKey, int destination) {
    static final int UNBOUNDED = Integer.MAX_VALUE;
  }

  private final Map<Counter, Integer> counts = new HashMap<>();

  private enum Scope {
    QUEUE,
    FAIRNESS_KEY,
    DESTINATION
  }

  private record Counter(Scope scope, int partition, TaskQueue queue, String name) {}

  void enter(LaneKey lane) {
    add(lane, 1);
  }

  void leave(LaneKey lane) {
    add(lane, -1);
  }

  private void add(LaneKey lane, int n) {
    counts.merge(queue(lane), n, Integer::sum);
    counts.merge(fairnessKey(lane), n, Integer::sum);
    counts.merge(destination(lane), n, Integer::sum);
  }

  int inQueue(LaneKey lane) {
    return counts.getOrDefault(queue(lane), 0);
  }

  int ofFairnessKey(LaneKey lane) {
    return counts.getOrDefault(fairnessKey(lane), 0);
  }

  int toDestination(LaneKey lane) {
    return counts.getOrDefault(destination(lane), 0);
  }

  /** Whether one more of the lane fits under every cap. */
  boolean hasRoom(LaneKey lane, Caps caps) {
    return queueHasRoom(lane, caps) && laneHasRoom(lane, caps);
  }

  /** Whether one more of the lane fits under the cap of its queue. */
  boolean queueHasRoom(LaneKey lane, Caps caps) {
    return inQueue(lane) < caps.queue();
  }

  /** Whether one more of the lane fits under the caps of its fairness key and destination. */
  boolean laneHasRoom(LaneKey lane, Caps caps) {
    return ofFairnessKey(lane) < caps.fairnessKey()
        && (lane.destination().isEmpty() || toDestination(lane) < caps.destination());
  }

  /** How many of a queue are in flight in all partitions. */
  int inQueue(TaskQueue queue) {
    return counts.entrySet().stream()
        .filter(e -> e.getKey().scope() == Scope.QUEUE && e.getKey().queue().equals(queue))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private static Counter queue(LaneKey lane) {
    return new Counter(Scope.QUEUE, lane.partition(), lane.queue(), "");
  }

  private static Counter fairnessKey(LaneKey lane) {
    return new Counter(Scope.FAIRNESS_KEY, lane.partition(), lane.queue(), lane.fairnessKey());
  }

  private static Counter destination(LaneKey lane) {
    return new Counter(Scope.DESTINATION, lane.partition(), lane.queue(), lane.destination());
  }
}
