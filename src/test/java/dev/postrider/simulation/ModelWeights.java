package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The weight of each fairness key in a partition: the queue's override, else that of its latest
 * start.
 */
final class ModelWeights {
  private record Key(int partition, TaskQueue queue, String fairnessKey) {}

  private final ModelQueues queues;
  private final Map<Key, Double> started = new HashMap<>();

  /** How far overrides have stretched or shrunk what a key has before it until its next turn. */
  private final Map<Key, Double> stretched = new HashMap<>();

  ModelWeights(ModelQueues queues) {
    this.queues = queues;
  }

  /** The priority of a run was set, or set anew. */
  void changed(int partition, ModelRun run) {
    started.put(
        new Key(partition, run.queue(), run.options.priority().fairnessKey()),
        run.options.priority().fairnessWeight());
  }

  double of(int partition, TaskQueue queue, String fairnessKey) {
    return of(new Key(partition, queue, fairnessKey));
  }

  private double of(Key key) {
    Double override = queues.limits(key.queue()).fairnessWeights().get(key.fairnessKey());
    return override != null ? override : started.getOrDefault(key, 1.0);
  }

  /** The product of all that overrides have done to the distance between two turns of a key. */
  double stretched(int partition, TaskQueue queue, String fairnessKey) {
    return stretched.getOrDefault(new Key(partition, queue, fairnessKey), 1.0);
  }

  /** Changes overrides of a queue; where keys stand changes with them. */
  void override(TaskQueue queue, Runnable change) {
    Map<Key, Double> before = new HashMap<>();
    for (Key key : Set.copyOf(started.keySet())) {
      if (key.queue().equals(queue)) {
        before.put(key, of(key));
      }
    }
    change.run();
    for (Key key : new HashSet<>(before.keySet())) {
      stretched.merge(key, before.get(key) / of(key), (one, other) -> one * other);
    }
  }
}
