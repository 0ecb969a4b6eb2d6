package dev.postrider.simulation;

import dev.postrider.job.Attempt;
import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobContent;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.JobOutcome;
import dev.postrider.job.JobState;
import dev.postrider.job.JobStatus;
import dev.postrider.job.JobTimes;
import dev.postrider.job.Requested;
import dev.postrider.job.RetryState;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.job.WaitingFor;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.RunSummary;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One run as the model sees it: its state in full, and where in the store it must be. */
final class ModelRun {
  /** A moment that never comes. */
  static final long NEVER = Long.MAX_VALUE;

  /** Where an open run is; exactly one place at a time. */
  enum Place {
    TIMER,
    LANE,
    LEASE,
    PAUSED,
    CLOSED
  }

  /** What is asked of the attempt that runs. */
  enum Asked {
    NOTHING,
    CANCEL,
    PAUSE,
    RESET,
    RESET_THEN_PAUSE
  }

  /** What a reset does once the attempt that runs has ended. */
  record Deferred(boolean resetHeartbeat, boolean restoreOptions) {}

  /** What a run was started with; its options and its queue can change since. */
  record Birth(
      JobKey key,
      RunId runId,
      String type,
      String taskQueue,
      String destination,
      JobOptions options,
      JobContent content,
      @Nullable String requestId,
      @Nullable RunId rerunOf) {}

  final Birth birth;
  final long batch;
  final long createdAt;
  final long originalDelay;
  JobOptions options;
  String taskQueue;
  long firstDispatchAt;
  long expiresAt;

  JobStatus status = JobStatus.RUNNING;
  @Nullable RunState runState = RunState.SCHEDULED;
  Place place = Place.TIMER;
  int attempt = 1;
  int leaseLosses;
  @Nullable String worker;
  @Nullable String reason;
  long dispatchAt;

  /** A paused run was due at some moment from {@link #dispatchAt} to this one; nobody has seen. */
  long dispatchAtMost;

  /** When the attempt ended whose back-off, by the retry policy, the run is in; else null. */
  @Nullable Long backoffFrom;

  /** The attempt at which the maximum of attempts was last changed. */
  int attemptWhenChanged;

  boolean leasedBefore;
  long closedAt;
  @Nullable Buffer result;
  @Nullable Failure failure;
  @Nullable RetryState retryState;
  int attemptsKept = Integer.MAX_VALUE;
  int attemptsOmitted;
  final List<Attempt> attempts = new ArrayList<>();
  final Map<String, String> requestIds = new HashMap<>();

  /** The run that the last rerun of this one started. */
  @Nullable RunId rerunAs;

  /** The running attempt. */
  @Nullable TaskToken token;

  /** Where the worker of the latest lease asked. */
  @Nullable TaskQueue leasedFrom;

  long startedAt;
  boolean builtIn;
  int node;

  /** What its latest lease was counted under, and the one of its worker among them. */
  List<ModelBucket> counted = List.of();

  @Nullable ModelBucket countedFor;

  /** It was moved to another queue or fairness key since it was leased. */
  boolean moved;

  Asked asked = Asked.NOTHING;
  @Nullable Deferred deferred;

  /** The latest heartbeat, of the running attempt or of one before it; 0 = none. */
  long heartbeatAt;

  int heartbeats;
  @Nullable Buffer heartbeatDetails;

  /** The report that ended the last attempt and may be repeated: its kind and token. */
  @Nullable String endedBy;

  @Nullable TaskToken endedToken;

  ModelRun(Birth birth, long batch, long now, long firstDispatchAt) {
    this.birth = birth;
    this.batch = batch;
    this.createdAt = now;
    this.originalDelay = firstDispatchAt - now;
    this.options = birth.options();
    this.taskQueue = birth.taskQueue();
    this.firstDispatchAt = firstDispatchAt;
    this.dispatchAt = firstDispatchAt;
    this.dispatchAtMost = firstDispatchAt;
    this.expiresAt = after(firstDispatchAt, options.timeouts().scheduleToClose());
  }

  static long after(long from, @Nullable Duration duration) {
    return duration == null ? NEVER : from + duration.toMillis();
  }

  boolean isOpen() {
    return status.isOpen();
  }

  boolean isRunning() {
    return place == Place.LEASE;
  }

  TaskQueue queue() {
    return new TaskQueue(birth.key().namespace(), taskQueue);
  }

  /** When it may no longer be picked up, for this dispatch. */
  long scheduleToStartAt() {
    return after(dispatchAt, options.timeouts().scheduleToStart());
  }

  /** When the running attempt ends for its own part. */
  long startToCloseAt() {
    return after(startedAt, options.timeouts().startToClose());
  }

  /** When the running attempt must have been heard of. */
  long silentAt() {
    long heard = heartbeats > 0 ? Math.max(startedAt, heartbeatAt) : startedAt;
    return builtIn ? NEVER : after(heard, options.timeouts().heartbeat());
  }

  long attemptEndsAt() {
    return Math.min(expiresAt, Math.min(startToCloseAt(), silentAt()));
  }

  /** The next moment at which time itself moves this run. */
  long nextMoment() {
    return switch (place) {
      case TIMER -> Math.min(dispatchAt, expiresAt);
      case LANE -> Math.min(scheduleToStartAt(), expiresAt);
      case LEASE -> attemptEndsAt();
      case PAUSED -> expiresAt;
      case CLOSED -> NEVER;
    };
  }

  /** Queued past what its timeouts allow: it must not be handed out any more. */
  boolean isExpiredInQueue(long now) {
    return now >= Math.min(scheduleToStartAt(), expiresAt);
  }

  /** Has the attempt that runs asked for something, which it is told of. */
  void ask(Asked what) {
    asked = what;
    runState =
        switch (what) {
          case NOTHING, RESET -> RunState.STARTED;
          case CANCEL -> RunState.CANCEL_REQUESTED;
          case PAUSE, RESET_THEN_PAUSE -> RunState.PAUSE_REQUESTED;
        };
    if (what != Asked.RESET && what != Asked.RESET_THEN_PAUSE) {
      deferred = null;
    }
  }

  boolean resetAsked() {
    return asked == Asked.RESET || asked == Asked.RESET_THEN_PAUSE;
  }

  /** What the worker of the attempt that runs is told. */
  Requested requested() {
    return switch (asked) {
      case NOTHING -> Requested.NOTHING;
      case CANCEL -> new Requested(true, false, false);
      case PAUSE -> new Requested(false, true, false);
      case RESET -> new Requested(false, false, true);
      case RESET_THEN_PAUSE -> new Requested(false, true, true);
    };
  }

  /** A lease begins the next attempt. */
  void begin(LeaseRequest request, int onNode, TaskToken by, long now) {
    place = Place.LEASE;
    moved = false;
    ask(Asked.NOTHING);
    token = by;
    startedAt = now;
    builtIn = request.builtIn();
    node = onNode;
    worker = request.worker();
    leasedBefore = true;
    leasedFrom = request.queue();
    backoffFrom = null;
    endedBy = null;
    endedToken = null;
    heartbeats = 0;
    heartbeatAt = heartbeatDetails == null ? 0 : Math.min(heartbeatAt, now);
    attempts.add(current(null, null, null, null));
  }

  /** The worker of the attempt that runs was heard of. */
  void beat(@Nullable Buffer details, long now) {
    heartbeatAt = now;
    heartbeats++;
    if (details != null) {
      heartbeatDetails = details;
    }
    attempts.set(attempts.size() - 1, current(null, null, null, null));
  }

  void forgetHeartbeats() {
    heartbeatDetails = null;
    heartbeatAt = 0;
  }

  private Attempt current(
      @Nullable Instant endedAt,
      @Nullable AttemptOutcome outcome,
      @Nullable Failure why,
      @Nullable Instant next) {
    return new Attempt(
        attempt,
        worker,
        Instant.ofEpochMilli(dispatchAt),
        Instant.ofEpochMilli(startedAt),
        endedAt,
        outcome,
        why,
        heartbeats,
        next,
        null);
  }

  void endAttempt(
      long now, AttemptOutcome outcome, @Nullable Failure why, @Nullable Long nextAttemptAt) {
    Attempt ended =
        current(
            Instant.ofEpochMilli(now),
            outcome,
            why,
            nextAttemptAt == null ? null : Instant.ofEpochMilli(nextAttemptAt));
    attempts.remove(attempts.size() - 1);
    if (outcome == AttemptOutcome.HANDED_BACK && !attempts.isEmpty()) {
      Attempt before = attempts.get(attempts.size() - 1);
      if (before.outcome() == outcome
          && before.attempt() == attempt
          && Objects.equals(before.worker(), worker)) {
        attempts.remove(attempts.size() - 1);
      }
    }
    attempts.add(ended);
    token = null;
    if (outcome != AttemptOutcome.COMPLETED && attempts.size() > attemptsKept) {
      int dropped = attemptsKept / 2;
      if (outcome == AttemptOutcome.HANDED_BACK
          && attempts.subList(dropped + 1, attempts.size()).stream()
              .allMatch(later -> later.outcome() == AttemptOutcome.HANDED_BACK)) {
        dropped++;
      }
      attempts.remove(dropped);
      attemptsOmitted++;
    }
  }

  /** Keeps the request id of the last control of its kind; one without any forgets the last. */
  void noteRequest(String kind, @Nullable String requestId) {
    if (requestId == null) {
      requestIds.remove(kind);
    } else {
      requestIds.put(kind, requestId);
    }
  }

  RunSummary summary() {
    return new RunSummary(birth.key(), birth.runId(), status, runState, nextAttemptAt());
  }

  void setOptions(JobOptions to, String queue) {
    if (to.retryPolicy().maximumAttempts() != options.retryPolicy().maximumAttempts()) {
      attemptWhenChanged = attempt;
    }
    options = to;
    taskQueue = queue;
    expiresAt = after(firstDispatchAt, options.timeouts().scheduleToClose());
  }

  void setFirstDispatch(long at) {
    firstDispatchAt = at;
    expiresAt = after(firstDispatchAt, options.timeouts().scheduleToClose());
  }

  private @Nullable Instant nextAttemptAt() {
    return place == Place.TIMER ? Instant.ofEpochMilli(dispatchAt) : null;
  }

  private @Nullable WaitingFor waitingFor() {
    return switch (place) {
      case TIMER -> leasedBefore ? WaitingFor.BACKOFF : WaitingFor.START_TIME;
      case LANE -> WaitingFor.TURN;
      case LEASE, PAUSED, CLOSED -> null;
    };
  }

  /** What describing it must answer. */
  Job describe() {
    return new Job(
        birth.key(),
        birth.runId(),
        birth.type(),
        queue(),
        new JobState(status, runState, waitingFor(), attempt, leaseLosses, worker, reason),
        options,
        birth.content(),
        new JobTimes(
            Instant.ofEpochMilli(createdAt),
            Instant.ofEpochMilli(firstDispatchAt),
            nextAttemptAt(),
            heartbeatAt == 0 ? null : Instant.ofEpochMilli(heartbeatAt),
            expiresAt == NEVER ? null : Instant.ofEpochMilli(expiresAt),
            isOpen() ? null : Instant.ofEpochMilli(closedAt)),
        new JobOutcome(result, failure, retryState),
        heartbeatDetails,
        List.copyOf(attempts),
        attemptsOmitted,
        birth.rerunOf());
  }

  @Override
  public String toString() {
    return birth.key() + " run " + birth.runId() + " " + status + "/" + runState + " in " + place;
  }
}
