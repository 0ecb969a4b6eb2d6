package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import java.util.HashMap;
import java.util.Map;

/** The weight of each fairness key: that of its latest start in the partition. */
final class ModelWeights {
  private final Map<Key, Double> weights = new HashMap<>();
  private final Map<Key, Integer> changes = new HashMap<>();

  private record Key(TaskQueue queue, String fairnessKey) {}

  void started(ModelRun run) {
    changed(run);
  }

  /** The priority of a run was set anew. */
  void changed(ModelRun run) {
    Key key = new Key(run.queue(), run.options.priority().fairnessKey());
    double weight = run.options.priority().fairnessWeight();
    Double before = weights.put(key, weight);
    if (before != null && before != weight) {
      changes.merge(key, 1, Integer::sum);
    }
  }

  double of(TaskQueue queue, String fairnessKey) {
    return weights.getOrDefault(new Key(queue, fairnessKey), 1.0);
  }

  /** How often it has changed. */
  int changesOf(TaskQueue queue, String fairnessKey) {
    return changes.getOrDefault(new Key(queue, fairnessKey), 0);
  }
}
