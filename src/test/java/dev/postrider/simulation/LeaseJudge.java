package dev.postrider.simulation;

import dev.postrider.job.Task;
import dev.postrider.simulation.ModelLanes.Caps;
import dev.postrider.simulation.ModelLanes.Entry;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.LeaseRequest;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** Judges what a lease gave, task by task and as a whole, and lets the model follow. */
final class LeaseJudge {
  private final ModelStore store;
  private final ModelDuties duties;
  private final FairnessJudge fairness;

  LeaseJudge(ModelStore store, ModelDuties duties) {
    this.store = store;
    this.duties = duties;
    this.fairness = new FairnessJudge(store);
  }

  /**
   * Judges.
   *
   * @param more the store said that it stopped early
   * @throws IllegalMove if the rules do not allow what was given
   */
  void judge(LeaseRequest request, int node, List<Task> tasks, boolean more, long now) {
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
    tasks.forEach(task -> give(request, node, task, now));
    int leastUrgent =
        tasks.stream().mapToInt(t -> t.options().priority().priorityKey()).max().orElse(0);
    leftBehind(request, leastUrgent, tasks.size() < request.maxTasks() && !more);
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
        .filter(e -> e.rank() < rank)
        .findFirst()
        .ifPresent(
            e -> {
              throw new IllegalMove("leased " + run + " before " + e.run() + " of the same lane");
            });
    Caps caps = store.settings.caps().perPartition(store.settings.partitions());
    if (!store.flight.hasRoom(lane, caps)) {
      throw new IllegalMove("leased past a cap: " + run + " in " + lane);
    }
    store.lanes.remove(run);
    store.flight.enter(lane);
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

  /** Nothing that could have been given may stay behind something less urgent, or behind a want. */
  private void leftBehind(LeaseRequest request, int leastUrgent, boolean wantedMore) {
    if (store.settings.partitions() > 1) {
      return;
    }
    Caps caps = store.settings.caps();
    for (LaneKey lane : store.lanes.lanesOf(request.queue())) {
      if ((wantedMore || lane.priority() < leastUrgent) && store.flight.hasRoom(lane, caps)) {
        throw new IllegalMove(
            "left behind "
                + store.lanes.lane(lane).get(0).run()
                + " of "
                + lane
                + (wantedMore ? " though more was wanted" : " for something less urgent"));
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
