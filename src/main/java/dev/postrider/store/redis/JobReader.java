package dev.postrider.store.redis;

import dev.postrider.job.Attempt;
import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOutcome;
import dev.postrider.job.JobState;
import dev.postrider.job.JobStatus;
import dev.postrider.job.JobTimes;
import dev.postrider.job.TaskQueue;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a {@link Job} of a record and of what lies beside it. */
final class JobReader {
  /**
   * What lies beside a record; null where nothing does.
   *
   * @param attempts entries of {@code a:}, oldest first
   * @param workers beside each entry its worker, or ""
   * @param attemptsOmitted how many are no longer kept
   */
  record Beside(
      @Nullable Buffer input,
      @Nullable Buffer outcome,
      @Nullable Buffer heartbeatDetails,
      @Nullable String reason,
      List<Buffer> attempts,
      List<String> workers,
      @Nullable String worker,
      int attemptsOmitted) {
    static final Beside NOTHING = new Beside(null, null, null, null, List.of(), List.of(), null, 0);
  }

  private JobReader() {}

  static Job read(JobKey key, JobRecord record, Beside beside) {
    List<Attempt> attempts = attempts(record, beside);
    return new Job(
        key,
        record.runId(),
        record.type,
        new TaskQueue(key.namespace(), record.taskQueue),
        state(record, beside),
        record.options(),
        record.content(beside.input()),
        times(record),
        outcome(record, beside, attempts),
        beside.heartbeatDetails(),
        attempts,
        beside.attemptsOmitted(),
        record.rerunOf);
  }

  /** As a list tells it: without input, result, heartbeat details and attempts. */
  static Job listed(JobKey key, JobRecord record, Beside beside) {
    JobOutcome outcome = outcome(record, beside, attempts(record, beside));
    return new Job(
        key,
        record.runId(),
        record.type,
        new TaskQueue(key.namespace(), record.taskQueue),
        state(record, beside),
        record.options(),
        record.contentWithoutInput(),
        times(record),
        new JobOutcome(null, outcome.failure(), outcome.retryState()),
        null,
        List.of(),
        0,
        record.rerunOf);
  }

  private static JobState state(JobRecord record, Beside beside) {
    return new JobState(
        JobRecord.status(record.state()),
        JobRecord.runState(record.state()),
        record.waitingFor(),
        record.attempt(),
        record.leaseLosses(),
        beside.worker(),
        beside.reason());
  }

  private static JobTimes times(JobRecord record) {
    return new JobTimes(
        record.createdAt(),
        record.firstDispatchAt(),
        record.state() == 'W' ? record.dispatchAt() : null,
        record.heartbeatAt(),
        record.expiresAt(),
        record.closedAt());
  }

  private static JobOutcome outcome(JobRecord record, Beside beside, List<Attempt> attempts) {
    JobStatus status = JobRecord.status(record.state());
    return switch (status) {
      case RUNNING, PAUSED -> new JobOutcome(null, lastFailure(attempts), null);
      case COMPLETED ->
          new JobOutcome(
              record.isOutcomeApart() ? beside.outcome() : record.inlineOutcome(), null, null);
      case FAILED -> {
        Buffer packed = beside.outcome();
        yield new JobOutcome(
            null, packed == null ? null : Failures.unpack(packed), record.retryState());
      }
      case TIMED_OUT -> new JobOutcome(null, timeout(record, attempts), record.retryState());
      case CANCELED -> {
        // what the worker said of it when it gave the attempt up
        Buffer details = record.isOutcomeApart() ? beside.outcome() : record.inlineOutcome();
        yield new JobOutcome(null, ended("canceled", beside.reason(), details), null);
      }
      case TERMINATED -> new JobOutcome(null, ended("terminated", beside.reason(), null), null);
    };
  }

  private static Failure ended(String how, @Nullable String reason, @Nullable Buffer details) {
    return new Failure(how, reason == null ? "job was " + how : reason, true, null, details, null);
  }

  private static @Nullable Failure lastFailure(List<Attempt> attempts) {
    for (int i = attempts.size() - 1; i >= 0; i--) {
      if (attempts.get(i).failure() != null) {
        return attempts.get(i).failure();
      }
    }
    return null;
  }

  /** The timeout that closed a run; its cause is the failure of the attempt before. */
  private static Failure timeout(JobRecord record, List<Attempt> attempts) {
    Buffer letter = record.inlineOutcome();
    char which = letter == null ? 'e' : (char) letter.getByte(0);
    List<Attempt> before =
        attempts.isEmpty() || !closed(attempts.get(attempts.size() - 1))
            ? attempts
            : attempts.subList(0, attempts.size() - 1);
    return timeout(which, lastFailure(before));
  }

  /** Whether the run closed with this attempt. */
  private static boolean closed(Attempt attempt) {
    return attempt.nextAttemptAt() == null && attempt.outcome() != AttemptOutcome.HANDED_BACK;
  }

  private static Failure timeout(char which, @Nullable Failure cause) {
    return switch (which) {
      case 's' ->
          new Failure(
              Failure.START_TO_CLOSE, "the attempt took too long", false, null, null, cause);
      case 'h' ->
          new Failure(
              Failure.HEARTBEAT, "the worker was not heard of in time", false, null, null, cause);
      case 'S' ->
          new Failure(
              Failure.SCHEDULE_TO_START, "no worker took the job in time", true, null, null, cause);
      default ->
          new Failure(
              Failure.SCHEDULE_TO_CLOSE, "the job did not end in time", true, null, null, cause);
    };
  }

  private static List<Attempt> attempts(JobRecord record, Beside beside) {
    List<Attempt> attempts = new ArrayList<>();
    for (int i = 0; i < beside.attempts().size(); i++) {
      attempts.add(attempt(beside.attempts().get(i), beside.workers().get(i)));
    }
    Instant startedAt = record.startedAt();
    if (startedAt != null && record.isRunning()) {
      attempts.add(current(record, beside.worker(), startedAt, null, null));
    } else if (startedAt != null
        && record.state() == 'C'
        && record.ender() == 'c'
        && (attempts.isEmpty() || !closed(attempts.get(attempts.size() - 1)))) {
      // a success that brought nothing else to keep is told by the record alone
      attempts.add(
          current(record, beside.worker(), startedAt, record.closedAt(), AttemptOutcome.COMPLETED));
    }
    return attempts;
  }

  private static Attempt current(
      JobRecord record,
      @Nullable String worker,
      Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable AttemptOutcome outcome) {
    return new Attempt(
        record.attempt(),
        worker,
        record.dispatchAt(),
        startedAt,
        endedAt,
        outcome,
        null,
        record.heartbeats(),
        null,
        null);
  }

  /** An entry as {@code keep_attempt} in {@code lua/lib/close.lua} wrote it. */
  private static Attempt attempt(Buffer entry, String worker) {
    Unpacked from = new Unpacked(entry, 0);
    int number = from.u4();
    Instant scheduledAt = Instant.ofEpochMilli(from.ms());
    Instant startedAt = Instant.ofEpochMilli(from.ms());
    Instant endedAt = Instant.ofEpochMilli(from.ms());
    long next = from.ms();
    char how = from.letter();
    int heartbeats = from.u4();
    from.skip(4);
    int failureLength = from.u4();
    Buffer packed = from.bytes(failureLength);
    DeliveryResponse response = Failures.unpackResponse(entry.getBuffer(from.at(), entry.length()));
    Failure failure = failureLength > 0 ? Failures.unpack(packed) : null;
    if (how == 's' || how == 'h' || how == 'e') {
      failure = timeout(how, null);
    }
    return new Attempt(
        number,
        worker.isEmpty() ? null : worker,
        scheduledAt,
        startedAt,
        endedAt,
        outcome(how),
        failure,
        heartbeats,
        next == 0 ? null : Instant.ofEpochMilli(next),
        response);
  }

  private static AttemptOutcome outcome(char how) {
    return switch (how) {
      case 'C' -> AttemptOutcome.COMPLETED;
      case 'F' -> AttemptOutcome.FAILED;
      case 'X' -> AttemptOutcome.CANCELED;
      case 'T' -> AttemptOutcome.TERMINATED;
      case 's' -> AttemptOutcome.START_TO_CLOSE_TIMEOUT;
      case 'h' -> AttemptOutcome.HEARTBEAT_TIMEOUT;
      case 'e' -> AttemptOutcome.SCHEDULE_TO_CLOSE_TIMEOUT;
      case 'b' -> AttemptOutcome.HANDED_BACK;
      default -> throw new IllegalStateException("an attempt ended as " + how);
    };
  }
}
