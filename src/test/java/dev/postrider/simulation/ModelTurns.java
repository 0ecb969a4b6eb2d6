package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Has the fairness keys of a priority take turns by weight, for the model as a store. */
final class ModelTurns {
  private record Ring(int partition, TaskQueue queue, int priority) {}

  private record Place(Ring ring, String fairnessKey) {}

  /** The time of a key's next turn, as far as overrides were known to it. */
  private record Turn(double at, double stretched) {}

  private final ModelWeights weights;
  private final Map<Ring, Double> times = new HashMap<>();
  private final Map<Place, Turn> turns = new HashMap<>();

  ModelTurns(ModelWeights weights) {
    this.weights = weights;
  }

  /** Of lanes of one priority that may give, the one whose key's turn it is. */
  LaneKey next(List<LaneKey> lanes) {
    LaneKey next = lanes.get(0);
    for (LaneKey lane : lanes) {
      next = at(lane) < at(next) ? lane : next;
    }
    return next;
  }

  /** A lane has given a task. */
  void taken(LaneKey lane) {
    double at = at(lane);
    times.put(ring(lane), at);
    turns.put(
        new Place(ring(lane), lane.fairnessKey()),
        new Turn(
            at + 1 / weights.of(lane.partition(), lane.queue(), lane.fairnessKey()),
            stretched(lane)));
  }

  private double at(LaneKey lane) {
    double time = times.getOrDefault(ring(lane), 0.0);
    Turn turn = turns.get(new Place(ring(lane), lane.fairnessKey()));
    return turn == null || turn.at() <= time
        ? time
        : time + (turn.at() - time) * stretched(lane) / turn.stretched();
  }

  private double stretched(LaneKey lane) {
    return weights.stretched(lane.partition(), lane.queue(), lane.fairnessKey());
  }

  private static Ring ring(LaneKey lane) {
    return new Ring(lane.partition(), lane.queue(), lane.priority());
  }
}
