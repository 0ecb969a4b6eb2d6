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
import dev.postrider.job.RetryState;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.job.WaitingFor;
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

  /** What never changes during a run. */
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
  final long firstDispatchAt;
  final long expiresAt;

  JobStatus status = JobStatus.RUNNING;
  @Nullable RunState runState = RunState.SCHEDULED;
  Place place = Place.TIMER;
  int attempt = 1;
  int leaseLosses;
  @Nullable String worker;
  @Nullable String reason;
  long dispatchAt;
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

  long startedAt;
  boolean builtIn;
  int node;

  /** The report that ended the last attempt and may be repeated: its kind and token. */
  @Nullable String endedBy;

  @Nullable TaskToken endedToken;

  ModelRun(Birth birth, long batch, long now, long firstDispatchAt) {
    this.birth = birth;
    this.batch = batch;
    this.createdAt = now;
    this.firstDispatchAt = firstDispatchAt;
    this.dispatchAt = firstDispatchAt;
    this.expiresAt = after(firstDispatchAt, birth.options().timeouts().scheduleToClose());
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
    return new TaskQueue(birth.key().namespace(), birth.taskQueue());
  }

  /** When it may no longer be picked up, for this dispatch. */
  long scheduleToStartAt() {
    return after(dispatchAt, birth.options().timeouts().scheduleToStart());
  }

  /** When the running attempt ends for its own part. */
  long startToCloseAt() {
    return after(startedAt, birth.options().timeouts().startToClose());
  }

  /** When the running attempt must have been heard of. */
  long heartbeatAt() {
    return builtIn ? NEVER : after(startedAt, birth.options().timeouts().heartbeat());
  }

  long attemptEndsAt() {
    return Math.min(expiresAt, Math.min(startToCloseAt(), heartbeatAt()));
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

  void endAttempt(
      long now, AttemptOutcome outcome, @Nullable Failure why, @Nullable Long nextAttemptAt) {
    Attempt open = attempts.remove(attempts.size() - 1);
    if (outcome == AttemptOutcome.HANDED_BACK && !attempts.isEmpty()) {
      Attempt before = attempts.get(attempts.size() - 1);
      if (before.outcome() == outcome
          && before.attempt() == attempt
          && Objects.equals(before.worker(), worker)) {
        attempts.remove(attempts.size() - 1);
      }
    }
    attempts.add(
        new Attempt(
            open.attempt(),
            open.worker(),
            open.scheduledAt(),
            open.startedAt(),
            Instant.ofEpochMilli(now),
            outcome,
            why,
            open.heartbeats(),
            nextAttemptAt == null ? null : Instant.ofEpochMilli(nextAttemptAt),
            null));
    token = null;
    if (outcome != AttemptOutcome.COMPLETED && attempts.size() > attemptsKept) {
      attempts.remove(attemptsKept / 2);
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
        birth.options(),
        birth.content(),
        new JobTimes(
            Instant.ofEpochMilli(createdAt),
            Instant.ofEpochMilli(firstDispatchAt),
            nextAttemptAt(),
            null,
            expiresAt == NEVER ? null : Instant.ofEpochMilli(expiresAt),
            isOpen() ? null : Instant.ofEpochMilli(closedAt)),
        new JobOutcome(result, failure, retryState),
        null,
        List.copyOf(attempts),
        attemptsOmitted,
        birth.rerunOf());
  }

  @Override
  public String toString() {
    return birth.key() + " run " + birth.runId() + " " + status + "/" + runState + " in " + place;
  }
}
