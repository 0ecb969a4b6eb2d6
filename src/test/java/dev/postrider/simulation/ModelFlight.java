package dev.postrider.simulation;

import dev.postrider.simulation.ModelLanes.Caps;
import java.util.HashMap;
import java.util.Map;

/** Counts what is in flight, per queue, fairness key and destination of a partition. */
final class ModelFlight {
  private final Map<Object, Integer> counts = new HashMap<>();

  private enum Scope {
    QUEUE,
    FAIRNESS_KEY,
    DESTINATION
  }

  private record Counter(Scope scope, int partition, Object queue, String name) {}

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
    return fits(inQueue(lane), caps.queue())
        && fits(ofFairnessKey(lane), caps.fairnessKey())
        && (lane.destination().isEmpty() || fits(toDestination(lane), caps.destination()));
  }

  private static boolean fits(int count, int cap) {
    return cap == 0 || count < cap;
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
