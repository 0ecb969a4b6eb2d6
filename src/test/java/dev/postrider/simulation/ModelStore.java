package dev.postrider.simulation;

import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.JobStatus;
import dev.postrider.job.Priority;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.simulation.ModelFlight.Caps;
import dev.postrider.simulation.ModelRun.Birth;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.UpdateLimitsResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the store means, said as plainly as Java can: a map of runs, lanes in order, counts of what
 * is in flight, and an explicit now. It shares no idea with the store's data structures, only the
 * rules. Moves of workers are in {@link ModelReports}, of users in {@link ModelControls}, of time
 * in {@link ModelDuties}; leases are judged, not predicted, in {@link LeaseJudge}.
 */
final class ModelStore {
  /** What the model is set to, as the store is. */
  record Settings(
      int partitions,
      Duration retention,
      int attemptsKept,
      int maxEntries,
      ToIntFunction<JobKey> partitionOf) {}

  /** The reason of a run that a start took the place of. */
  static final String TERMINATED_BY_START =
      "terminated by a start with idConflictPolicy terminate_existing";

  final Settings settings;
  final Choice choice;
  final ModelLanes lanes;
  final ModelFlight flight = new ModelFlight();
  final ModelQueues queues;
  final ModelWeights weights;
  final ModelNotices notices = new ModelNotices();
  final ModelLimits limits;
  private final Map<JobKey, List<ModelRun>> runs = new LinkedHashMap<>();
  private final Map<JobKey, ModelRun> latest = new HashMap<>();

  /** Leases of one step ask the partitions in turn, and so their answers come in no order. */
  boolean interleaved;

  private long batch;
  private long batchRank = -1;

  ModelStore(Settings settings, Choice choice) {
    this.settings = settings;
    this.choice = choice;
    this.lanes = new ModelLanes(settings.partitionOf());
    this.queues = new ModelQueues(settings.maxEntries());
    this.weights = new ModelWeights(queues);
    this.limits = new ModelLimits(settings.partitions(), queues, weights);
  }

  /** The clock shows another time. */
  void pass(long now) {
    limits.pass(now);
  }

  /** Changes what limits a queue. */
  UpdateLimitsResult updateLimits(QueueControl control, LimitsChange change) {
    List<UpdateLimitsResult> result = new ArrayList<>();
    weights.override(
        control.queue(), () -> result.add(queues.update(control, change, limits.now())));
    limits.reconsider();
    return result.get(0);
  }

  /** The weight of a run's fairness key becomes that of the run. */
  void setWeight(ModelRun run) {
    weights.changed(partitionOf(run), run);
    limits.reconsider();
  }

  /**
   * Whether what a lane has in flight, and the rates it is given at, surely leave room for more.
   */
  boolean laneHasRoom(LaneKey lane) {
    return flight.laneHasRoom(lane, caps(lane)) && limits.haveRoom(lane);
  }

  /** Whether the lane's queue surely gives, to somebody. */
  boolean queueHasRoom(LaneKey lane) {
    ModelBucket rate = limits.ofQueue(lane.queue());
    // of what several partitions share, one may keep a part for itself
    boolean rateHasRoom = settings.partitions() == 1 ? rate.surelyGives() : !rate.isSet();
    return !queues.isPaused(lane.queue()) && flight.queueHasRoom(lane, caps(lane)) && rateHasRoom;
  }

  boolean hasRoom(LaneKey lane) {
    return queueHasRoom(lane) && laneHasRoom(lane);
  }

  Caps caps(LaneKey lane) {
    return queues.caps(lane.queue(), lane.partition(), settings.partitions());
  }

  int partitionOf(ModelRun run) {
    return settings.partitionOf().applyAsInt(run.birth.key());
  }

  /** The latest run of a key, or the one with {@code runId}. */
  Optional<ModelRun> find(JobKey key, @Nullable RunId runId) {
    return runId == null
        ? Optional.ofNullable(latest.get(key))
        : runs.getOrDefault(key, List.of()).stream()
            .filter(r -> r.birth.runId().equals(runId))
            .findFirst();
  }

  Optional<ModelRun> latest(JobKey key) {
    return find(key, null);
  }

  Stream<ModelRun> all() {
    return runs.values().stream().flatMap(Collection::stream);
  }

  List<ModelRun> inPartition(int partition) {
    return all().filter(r -> partitionOf(r) == partition).toList();
  }

  /** Begins another batch: starts of one may enter the log, and their lanes, in any order. */
  void nextBatch() {
    batch++;
    batchRank = -1;
  }

  /** What a start would be answered now. */
  IdRules.Answer answerTo(StartRequest request) {
    ModelRun latest = latest(request.key()).orElse(null);
    return IdRules.decide(
        latest == null ? null : latest.status,
        latest != null
            && request.requestId() != null
            && request.requestId().equals(latest.birth.requestId()),
        request.policies(),
        latest != null
            && latest.birth.type().equals(request.type())
            && Objects.equals(latest.birth.content().input(), request.content().input()));
  }

  /**
   * Starts as {@link #answerTo} says; the run that is new or answers.
   *
   * @param runId what a new run is called
   */
  ModelRun start(StartRequest request, RunId runId, long now) {
    switch (answerTo(request)) {
      case NEW_RUN -> {}
      case TERMINATE_THEN_NEW_RUN -> {
        ModelRun old = latest(request.key()).orElseThrow();
        old.noteRequest("terminate", null);
        old.reason = TERMINATED_BY_START;
        close(old, JobStatus.TERMINATED, AttemptOutcome.TERMINATED, null, now);
      }
      case EXISTING, ALREADY_STARTED, PAYLOAD_MISMATCH -> {
        return latest(request.key()).orElseThrow();
      }
    }
    Birth birth =
        new Birth(
            request.key(),
            runId,
            request.type(),
            request.taskQueue(),
            request.destination(),
            request.options(),
            request.content(),
            request.requestId(),
            null);
    return begin(birth, firstDispatch(request.startTime(), now), request.paused(), now);
  }

  private static long firstDispatch(StartTime startTime, long now) {
    if (startTime instanceof StartTime.After after) {
      return now + after.delay().toMillis();
    }
    return startTime instanceof StartTime.At at ? Math.max(now, at.instant().toEpochMilli()) : now;
  }

  ModelRun begin(Birth birth, long firstDispatchAt, boolean paused, long now) {
    ModelRun run = new ModelRun(birth, batch, now, firstDispatchAt);
    run.attemptsKept = settings.attemptsKept();
    runs.computeIfAbsent(birth.key(), k -> new ArrayList<>()).add(run);
    latest.put(birth.key(), run);
    setWeight(run);
    if (paused) {
      pause(run);
    } else {
      batchRank = batchRank < 0 ? lanes.newRank() : batchRank;
      dispatch(run, firstDispatchAt, now, batchRank);
    }
    return run;
  }

  /** Puts a run where it waits: its lane when it is due, else the timer. */
  void dispatch(ModelRun run, long at, long now) {
    dispatch(run, at, now, lanes.newRank());
  }

  private void dispatch(ModelRun run, long at, long now, long rank) {
    run.status = JobStatus.RUNNING;
    run.runState = RunState.SCHEDULED;
    run.dispatchAt = at;
    run.dispatchAtMost = at;
    if (at <= now) {
      lanes.pushBack(run, rank);
    } else {
      run.place = Place.TIMER;
    }
  }

  /** Puts a run back where it was before it was leased. */
  void redispatchAtHead(ModelRun run, long now) {
    run.runState = RunState.SCHEDULED;
    if (run.dispatchAt <= now) {
      lanes.pushFront(run);
    } else {
      run.place = Place.TIMER;
    }
  }

  /** Keeps a run from any dispatch; when it was due stays known. */
  void pause(ModelRun run) {
    run.status = JobStatus.PAUSED;
    run.runState = RunState.PAUSED;
    run.place = Place.PAUSED;
  }

  /** Takes a run out of its lane, or its attempt out of what is in flight. */
  void leavePlace(ModelRun run) {
    if (run.place == Place.LANE) {
      lanes.remove(run);
    } else if (run.place == Place.LEASE) {
      flight.leave(lanes.laneOf(run));
    }
  }

  /** Ends the attempt that runs, of a run that stays open. */
  void endAttempt(
      ModelRun run, AttemptOutcome how, @Nullable Failure why, @Nullable Long next, long now) {
    leavePlace(run);
    notices.over(run);
    run.endAttempt(now, how, why, next);
    run.asked = ModelRun.Asked.NOTHING;
  }

  /** Makes the options what they were at the start; the start delay only of what has not begun. */
  void restoreOptions(ModelRun run) {
    setOptions(run, run.birth.options(), run.birth.taskQueue());
    if (!run.leasedBefore) {
      run.setFirstDispatch(run.createdAt + run.originalDelay);
    }
  }

  /** Changes the options of a run that is in no lane; what is in flight moves with them. */
  void setOptions(ModelRun run, JobOptions options, String taskQueue) {
    if (run.isRunning()) {
      flight.leave(lanes.laneOf(run));
    }
    List<Object> before = weighed(run);
    String fairnessKey = run.options.priority().fairnessKey();
    run.moved |=
        !run.taskQueue.equals(taskQueue) || !options.priority().fairnessKey().equals(fairnessKey);
    run.setOptions(options, taskQueue);
    if (run.isRunning()) {
      flight.enter(lanes.laneOf(run));
    }
    if (!weighed(run).equals(before)) {
      setWeight(run);
    }
  }

  private static List<Object> weighed(ModelRun run) {
    Priority priority = run.options.priority();
    return List.of(run.queue(), priority.fairnessKey(), priority.fairnessWeight());
  }

  /** Closes a run from wherever it is, with the attempt that runs, if one does. */
  void close(
      ModelRun run, JobStatus status, AttemptOutcome how, @Nullable Failure failure, long now) {
    leavePlace(run);
    if (run.isRunning()) {
      notices.over(run);
      run.endAttempt(now, how, failure, null);
    }
    run.deferred = null;
    run.place = Place.CLOSED;
    run.status = status;
    run.runState = null;
    run.closedAt = now;
    run.failure = status == JobStatus.COMPLETED ? null : failure;
  }

  /** Removes a run for good. */
  void remove(ModelRun run) {
    leavePlace(run);
    notices.over(run);
    run.place = Place.CLOSED;
    List<ModelRun> of = runs.get(run.birth.key());
    if (of != null) {
      of.remove(run);
      latest.remove(run.birth.key(), run);
      if (of.isEmpty()) {
        runs.remove(run.birth.key());
      }
    }
  }

  static @Nullable Instant instant(long millis) {
    return millis == ModelRun.NEVER ? null : Instant.ofEpochMilli(millis);
  }
}
