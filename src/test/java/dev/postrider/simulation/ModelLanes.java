package dev.postrider.simulation;

import dev.postrider.job.JobKey;
import dev.postrider.job.Priority;
import dev.postrider.job.TaskQueue;
import dev.postrider.simulation.ModelRun.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** The lanes of all queues: which runs are in each, in which order, and what is in flight. */
final class ModelLanes {
  /** A run in a lane; runs of the same rank came in one pass and may leave in any order. */
  record Entry(ModelRun run, long rank) {}

  private final ToIntFunction<JobKey> partitionOf;
  private final Map<LaneKey, List<Entry>> lanes = new HashMap<>();
  private long nextRank = 1L << 40;
  private long passRank = -1;
  private long headRank = 1L << 40;

  ModelLanes(ToIntFunction<JobKey> partitionOf) {
    this.partitionOf = partitionOf;
  }

  LaneKey laneOf(ModelRun run) {
    Priority priority = run.options.priority();
    return new LaneKey(
        partitionOf.applyAsInt(run.birth.key()),
        run.queue(),
        priority.priorityKey(),
        priority.fairnessKey(),
        run.birth.destination());
  }

  /** A rank behind all that are there; runs that come in one pass share it. */
  long newRank() {
    return passRank >= 0 ? passRank : nextRank++;
  }

  /** Gives all that comes to its lane meanwhile the same rank: a pass takes runs in any order. */
  void inOnePass(Runnable pass) {
    passRank = nextRank++;
    pass.run();
    passRank = -1;
  }

  void pushBack(ModelRun run, long rank) {
    run.place = Place.LANE;
    lanes.computeIfAbsent(laneOf(run), k -> new ArrayList<>()).add(new Entry(run, rank));
  }

  void pushFront(ModelRun run) {
    run.place = Place.LANE;
    List<Entry> lane = lanes.computeIfAbsent(laneOf(run), k -> new ArrayList<>());
    lane.add(0, new Entry(run, --headRank));
  }

  void remove(ModelRun run) {
    LaneKey key = laneOf(run);
    List<Entry> lane = lanes.get(key);
    if (lane != null) {
      lane.removeIf(e -> e.run() == run);
      if (lane.isEmpty()) {
        lanes.remove(key);
      }
    }
  }

  List<Entry> lane(LaneKey key) {
    return lanes.getOrDefault(key, List.of());
  }

  /** The lanes of a queue that hold anything, the most urgent first. */
  List<LaneKey> lanesOf(TaskQueue queue) {
    return lanes.keySet().stream()
        .filter(k -> k.queue().equals(queue))
        .sorted(Comparator.comparingInt(LaneKey::priority))
        .toList();
  }

  Stream<ModelRun> runsOf(TaskQueue queue) {
    return lanesOf(queue).stream().flatMap(k -> lane(k).stream()).map(Entry::run);
  }
}
