package dev.postrider.simulation;

import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Watches that fairness keys with work share the turns of their priority by weight: over any
 * stretch in which both of two keys had something to give, their turns by weight stay close.
 */
final class FairnessJudge {
  private record Ring(TaskQueue queue, int priority) {}

  private record Pair(Ring ring, String one, String other) {}

  private record Place(Ring ring, String fairnessKey) {}

  private static final class Balance {
    private double difference;
    private double lowest;
    private double highest;
    private double weightOne;
    private double weightOther;

    /** How far apart the two may have been when it began. */
    private double apart;
  }

  /**
   * How long a key may have to wait for its next turn, in turns of weight 1. A change of override
   * stretches it with the weight; that of a start counts from the next turn on.
   */
  private static final class Reach {
    private double ahead;
    private double stretched;
  }

  private final ModelStore store;
  private final Map<Pair, Balance> balances = new HashMap<>();
  private final Map<Place, Reach> reaches = new HashMap<>();

  FairnessJudge(ModelStore store) {
    this.store = store;
  }

  /** Counts the turns of a lease, after the model has followed it. */
  void afterLease(TaskQueue queue, List<Task> tasks) {
    if (store.settings.partitions() > 1) {
      return;
    }
    for (int priority = 1; priority <= 5; priority++) {
      Ring ring = new Ring(queue, priority);
      Set<String> working = working(ring);
      balances.keySet().removeIf(p -> p.ring().equals(ring) && !holds(p, working));
      Map<String, Integer> turns = new HashMap<>();
      for (Task task : tasks) {
        if (task.options().priority().priorityKey() == priority) {
          turns.merge(task.options().priority().fairnessKey(), 1, Integer::sum);
        }
      }
      turns.keySet().forEach(key -> reaches.remove(new Place(ring, key)));
      turns.keySet().forEach(key -> reach(ring, key));
      working.forEach(key -> reach(ring, key));
      for (String one : working) {
        for (String other : working) {
          if (one.compareTo(other) < 0) {
            balance(new Pair(ring, one, other), turns);
          }
        }
      }
    }
  }

  private static boolean holds(Pair pair, Set<String> working) {
    return working.contains(pair.one()) && working.contains(pair.other());
  }

  /** Forgets what it counted of a key: it has come, gone, or been given work back. */
  void forget(TaskQueue queue, int priority, String fairnessKey) {
    balances
        .keySet()
        .removeIf(
            p ->
                p.ring().equals(new Ring(queue, priority))
                    && (p.one().equals(fairnessKey) || p.other().equals(fairnessKey)));
  }

  private double weight(Ring ring, String key) {
    return store.weights.of(0, ring.queue(), key);
  }

  private double reach(Ring ring, String key) {
    double stretched = store.weights.stretched(0, ring.queue(), key);
    Reach reach =
        reaches.computeIfAbsent(
            new Place(ring, key),
            place -> {
              Reach fresh = new Reach();
              fresh.ahead = 1 / weight(ring, key);
              fresh.stretched = stretched;
              return fresh;
            });
    reach.ahead *= stretched / reach.stretched;
    reach.stretched = stretched;
    return reach.ahead;
  }

  private void balance(Pair pair, Map<String, Integer> turns) {
    double weightOne = weight(pair.ring(), pair.one());
    double weightOther = weight(pair.ring(), pair.other());
    Balance balance = balances.get(pair);
    if (balance == null || balance.weightOne != weightOne || balance.weightOther != weightOther) {
      balance = new Balance();
      balance.weightOne = weightOne;
      balance.weightOther = weightOther;
      balance.apart = reach(pair.ring(), pair.one()) + reach(pair.ring(), pair.other());
      balances.put(pair, balance);
      return;
    }
    balance.difference +=
        turns.getOrDefault(pair.one(), 0) / weightOne
            - turns.getOrDefault(pair.other(), 0) / weightOther;
    balance.lowest = Math.min(balance.lowest, balance.difference);
    balance.highest = Math.max(balance.highest, balance.difference);
    double bound = balance.apart + 1 / weightOne + 1 / weightOther + 1e-6;
    if (balance.highest - balance.lowest > bound) {
      throw new IllegalMove(
          "turns of \""
              + pair.one()
              + "\" and \""
              + pair.other()
              + "\" in "
              + pair.ring()
              + " drifted apart by "
              + (balance.highest - balance.lowest)
              + ", more than "
              + bound);
    }
  }

  /** The keys that still have something to give and room for it. */
  private Set<String> working(Ring ring) {
    Set<String> keys = new HashSet<>();
    for (LaneKey lane : store.lanes.lanesOf(ring.queue())) {
      if (lane.priority() == ring.priority() && store.laneHasRoom(lane)) {
        keys.add(lane.fairnessKey());
      }
    }
    return keys;
  }
}
