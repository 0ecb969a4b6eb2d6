package dev.postrider.store.redis;

import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOutcome;
import dev.postrider.job.JobState;
import dev.postrider.job.JobStatus;
import dev.postrider.job.JobTimes;
import dev.postrider.job.Priority;
import dev.postrider.job.Requested;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.TaskToken;
import dev.postrider.job.WaitingFor;
import dev.postrider.redis.Script;
import dev.postrider.store.ControlResult;
import dev.postrider.store.Described;
import dev.postrider.store.EventPosition;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.Leaseholder;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RerunResult;
import dev.postrider.store.RunSummary;
import dev.postrider.store.UpdateOptionsResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Between domain values and the scripts' arguments and replies: the only place that knows
 * positions.
 */
final class Replies {
  private Replies() {}

  static Outbox.Group group(StartRequest request) {
    Priority priority = request.options().priority();
    return new Outbox.Group(
        Keys.queue(request.queue()),
        Integer.toString(priority.priorityKey()),
        priority.fairnessKey(),
        request.destination(),
        Integer.toString(PackedPolicy.thousandths(priority.fairnessWeight())));
  }

  /** The job that a start has just made; what a later look would answer, without the look. */
  static Job started(StartRequest request, RunId runId, long nowMs) {
    Instant now = Instant.ofEpochMilli(nowMs);
    Instant first = now;
    StartTime when = request.startTime();
    if (when instanceof StartTime.After after) {
      first = now.plus(after.delay());
    } else if (when instanceof StartTime.At at && at.instant().isAfter(now)) {
      first = Instant.ofEpochMilli(at.instant().toEpochMilli());
    }
    boolean waits = !request.paused() && first.isAfter(now);
    JobStatus status = request.paused() ? JobStatus.PAUSED : JobStatus.RUNNING;
    RunState runState = request.paused() ? RunState.PAUSED : RunState.SCHEDULED;
    WaitingFor waitingFor =
        request.paused() ? null : waits ? WaitingFor.START_TIME : WaitingFor.TURN;
    Duration limit = request.options().timeouts().scheduleToClose();
    return new Job(
        request.key(),
        runId,
        request.type(),
        request.queue(),
        new JobState(status, runState, waitingFor, 1, 0, null, null),
        request.options(),
        request.content(),
        new JobTimes(
            now, first, waits ? first : null, null, limit == null ? null : first.plus(limit), null),
        JobOutcome.NONE,
        null,
        List.of(),
        0,
        null);
  }

  static Buffer token(TaskToken token) {
    return Buffer.buffer(12).appendInt(token.attempt()).appendLong(token.nonce());
  }

  static Buffer outcome(@Nullable Buffer result) {
    return result == null
        ? Buffer.buffer("-")
        : Buffer.buffer(result.length() + 1).appendString("=").appendBuffer(result);
  }

  /** Whether and when a failure itself says to try again. */
  static String how(Failure failure) {
    Duration delay = failure.nextRetryDelay();
    if (failure.nonRetryable()) {
      return "n";
    }
    return delay == null || delay.isZero() ? "" : "d" + delay.toMillis();
  }

  static ReportResult report(JobKey key, Outbox.ReportReply reply) {
    Response answer = reply.reply();
    return switch (answer.get(0).toString()) {
      case "ok" -> new ReportResult.Accepted(summary(key, answer), holder(answer));
      case "lost" -> new ReportResult.LeaseLost();
      case "invalid" -> {
        RunState runState = JobRecord.runState(state(answer));
        if (runState == null) {
          throw unknown(Scripts.CANCELED, answer);
        }
        yield new ReportResult.CancelNotRequested(JobRecord.status(state(answer)), runState);
      }
      default -> throw unknown(Scripts.COMPLETE, answer);
    };
  }

  /** Whose lease it was, where the report asked; null also for a worker long forgotten. */
  private static @Nullable Leaseholder holder(Response answer) {
    return answer.size() < 6 || answer.get(5) == null
        ? null
        : new Leaseholder(Keys.taskQueue(answer.get(4).toString()), answer.get(5).toString());
  }

  static HeartbeatResult heartbeat(Response reply) {
    return switch (reply.get(0).toString()) {
      case "ok" -> new HeartbeatResult.Recorded(requested(state(reply)));
      case "lost" -> new HeartbeatResult.LeaseLost();
      case "closed" -> new HeartbeatResult.Closed(JobRecord.status(state(reply)));
      case "not_found" -> new HeartbeatResult.NotFound();
      default -> throw unknown(Scripts.HEARTBEAT, reply);
    };
  }

  /** What the state of a run asks of the attempt that runs. */
  static Requested requested(char state) {
    return new Requested(state == 'c', state == 'p' || state == 'k', state == 'r' || state == 'k');
  }

  static ReportResult reportById(JobKey key, Response reply) {
    return switch (reply.get(0).toString()) {
      case "ok" -> new ReportResult.Accepted(summary(key, reply));
      case "lost" -> new ReportResult.LeaseLost();
      case "closed" -> new ReportResult.Closed(JobRecord.status(state(reply)));
      case "not_found" -> new ReportResult.NotFound();
      default -> throw unknown(Scripts.COMPLETE_BY_ID, reply);
    };
  }

  static ControlResult control(Script script, JobKey key, Response reply) {
    return switch (reply.get(0).toString()) {
      case "ok" -> new ControlResult.Applied(summary(key, reply));
      case "not_found" -> new ControlResult.NotFound();
      case "closed" -> new ControlResult.Closed(JobRecord.status(state(reply)));
      case "cancel_already_requested" -> new ControlResult.CancelAlreadyRequested();
      case "invalid" -> {
        RunState runState = JobRecord.runState(state(reply));
        if (runState == null) {
          throw unknown(script, reply);
        }
        yield new ControlResult.InvalidState(JobRecord.status(state(reply)), runState);
      }
      default -> throw unknown(script, reply);
    };
  }

  /** Why no options were changed; null = they were. */
  static @Nullable UpdateOptionsResult updateRefused(Response reply) {
    return switch (reply.get(0).toString()) {
      case "ok" -> null;
      case "not_found" -> new UpdateOptionsResult.NotFound();
      case "closed" -> new UpdateOptionsResult.Closed(JobRecord.status(state(reply)));
      case "invalid" -> {
        RunState runState = JobRecord.runState(state(reply));
        if (runState == null) {
          throw unknown(Scripts.UPDATE_OPTIONS, reply);
        }
        yield new UpdateOptionsResult.InvalidState(JobRecord.status(state(reply)), runState);
      }
      default -> throw unknown(Scripts.UPDATE_OPTIONS, reply);
    };
  }

  /** Why a rerun started nothing; null = it did. */
  static @Nullable RerunResult rerunRefused(Response reply) {
    return switch (reply.get(0).toString()) {
      case "started" -> null;
      case "not_found" -> new RerunResult.NotFound();
      case "invalid" ->
          new RerunResult.InvalidState(
              JobRecord.status(state(reply)), JobRecord.runState(state(reply)));
      default -> throw unknown(Scripts.RERUN, reply);
    };
  }

  static Optional<Described> described(JobKey key, Response reply) {
    if ("not_found".equals(reply.get(0).toString())) {
      return Optional.empty();
    }
    JobReader.Beside beside =
        new JobReader.Beside(
            buffer(reply.get(2)),
            buffer(reply.get(3)),
            buffer(reply.get(4)),
            text(reply.get(5)),
            buffers(reply.get(6)),
            buffers(reply.get(7)).stream().map(Buffer::toString).toList(),
            text(reply.get(8)),
            reply.get(10) == null ? 0 : reply.get(10).toInteger());
    Job job = JobReader.read(key, new JobRecord(reply.get(1).toBuffer()), beside);
    String[] last = reply.get(9).toString().split("-", 2);
    return Optional.of(
        new Described(
            job,
            new EventPosition(
                Long.parseLong(last[0]), Long.parseLong(last[1]), EventPosition.WHOLE)));
  }

  private static RunSummary summary(JobKey key, Response reply) {
    char state = state(reply);
    return new RunSummary(
        key,
        new RunId(reply.get(2).toBuffer().getLong(0)),
        JobRecord.status(state),
        JobRecord.runState(state),
        state == 'W' ? Instant.ofEpochMilli(reply.get(3).toLong()) : null);
  }

  private static char state(Response reply) {
    return reply.get(1).toString().charAt(0);
  }

  private static @Nullable Buffer buffer(@Nullable Response value) {
    return value == null ? null : value.toBuffer();
  }

  private static @Nullable String text(@Nullable Response value) {
    return value == null ? null : value.toString();
  }

  private static List<Buffer> buffers(Response values) {
    List<Buffer> all = new ArrayList<>();
    for (Response value : values) {
      all.add(value.toBuffer());
    }
    return all;
  }

  private static IllegalStateException unknown(Script script, Response reply) {
    return new IllegalStateException(script.name() + ".lua answered " + reply);
  }
}
