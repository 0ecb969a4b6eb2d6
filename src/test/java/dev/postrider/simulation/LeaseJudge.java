package dev.postrider.simulation;

import dev.postrider.job.Task;
import dev.postrider.simulation.ModelLanes.Entry;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.Waits;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Judges what a lease gave, task by task and as a whole, and lets the model follow. */
final class LeaseJudge {
  private final ModelStore store;
  private final ModelDuties duties;
  private final FairnessJudge fairness;
  private final WaitsJudge waiting;

  LeaseJudge(ModelStore store, ModelDuties duties) {
    this.store = store;
    this.duties = duties;
    this.fairness = new FairnessJudge(store);
    this.waiting = new WaitsJudge(store);
  }

  /**
   * Judges.
   *
   * @param stopped the store said that it stopped early, or nobody knows what it said
   * @throws IllegalMove if the rules do not allow what was given
   */
  void judge(
      LeaseRequest request, int node, List<Task> tasks, boolean stopped, Waits waits, long now) {
    if (tasks.size() > request.maxTasks()) {
      throw new IllegalMove(tasks.size() + " tasks given, " + request.maxTasks() + " asked for");
    }
    store
        .lanes
        .runsOf(request.queue())
        .toList()
        .forEach(
            run -> {
              if (run.isExpiredInQueue(now) && store.choice.reached(run)) {
                duties.expireInQueue(run, now);
              }
            });
    tasks.stream()
        .sorted(Comparator.comparingInt(task -> task.options().priority().priorityKey()))
        .forEach(task -> give(request, node, task, now));
    waiting.judge(request, tasks.size() < request.maxTasks() && !stopped, waits);
    fairness.afterLease(request.queue(), tasks);
  }

  /** Notes that a lease is given back: its turn is not refunded. */
  void handedBack(ModelRun run) {
    LaneKey lane = store.lanes.laneOf(run);
    fairness.forget(lane.queue(), lane.priority(), lane.fairnessKey());
  }

  private void give(LeaseRequest request, int node, Task task, long now) {
    ModelRun run =
        store
            .latest(task.token().key())
            .orElseThrow(() -> new IllegalMove("leased what does not exist: " + task.token()));
    if (run.place != Place.LANE || !run.queue().equals(request.queue())) {
      throw new IllegalMove("leased what was not queued there: " + run);
    }
    if (run.isExpiredInQueue(now)) {
      throw new IllegalMove("leased what is past its time: " + run);
    }
    LaneKey lane = store.lanes.laneOf(run);
    List<Entry> entries = store.lanes.lane(lane);
    long rank = entries.stream().filter(e -> e.run() == run).findFirst().orElseThrow().rank();
    entries.stream()
        .filter(e -> e.rank() < rank && !store.interleaved)
        .findFirst()
        .ifPresent(
            e -> {
              throw new IllegalMove("leased " + run + " before " + e.run() + " of the same lane");
            });
    if (store.queues.isPaused(request.queue())) {
      throw new IllegalMove("leased from a paused queue: " + run);
    }
    if (!store.flight.hasRoom(lane, store.caps(lane))) {
      throw new IllegalMove("leased past a cap: " + run + " in " + lane);
    }
    nothingMoreUrgent(run, lane);
    store.lanes.remove(run);
    store.flight.enter(lane);
    store.limits.take(request, lane, run);
    int most = run.options.retryPolicy().maximumAttempts();
    if (most > 0 && run.attempt > most && run.attempt > run.attemptWhenChanged) {
      throw new IllegalMove("leased past its " + most + " attempts: " + run);
    }
    run.begin(request, node, task.token(), now);
    if (request.builtIn()) {
      duties.nodes(lane.partition()).leased(node, now);
    }
    same(task, "runId", run.birth.runId(), task.runId());
    same(task, "attempt", run.attempt, task.token().attempt());
    same(task, "type", run.birth.type(), task.type());
    same(task, "queue", run.queue(), task.taskQueue());
    same(task, "input", run.birth.content().input(), task.input());
    same(task, "options", run.options, task.options());
    same(task, "heartbeatDetails", run.heartbeatDetails, task.heartbeatDetails());
    same(task, "scheduledAt", Instant.ofEpochMilli(run.dispatchAt), task.scheduledAt());
    same(task, "startedAt", Instant.ofEpochMilli(now), task.startedAt());
    same(task, "deadlineAt", Instant.ofEpochMilli(run.attemptEndsAt()), task.deadlineAt());
  }

  /** Nothing that could have been given may stay behind something less urgent. */
  private void nothingMoreUrgent(ModelRun run, LaneKey given) {
    if (store.settings.partitions() > 1) {
      return;
    }
    for (LaneKey lane : store.lanes.lanesOf(given.queue())) {
      if (lane.priority() < given.priority() && store.laneHasRoom(lane)) {
        throw new IllegalMove(
            "left behind " + store.lanes.lane(lane).get(0).run() + " of " + lane + " for " + run);
      }
    }
  }

  private static void same(Task task, String field, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new IllegalMove(
          field + " of the task " + task.token() + ": " + expected + " expected, but " + actual);
    }
  }
}
