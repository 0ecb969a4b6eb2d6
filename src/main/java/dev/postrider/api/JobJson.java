package dev.postrider.api;

import dev.postrider.job.Attempt;
import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobOptions;
import dev.postrider.job.JobState;
import dev.postrider.job.JobTimes;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.RunState;
import dev.postrider.job.WaitingFor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The form of jobs and what they are made of. */
final class JobJson {

  private JobJson() {}

  /** All of a job. */
  static void write(JsonOutput out, Job job) throws IOException {
    writeIdentity(out, job);
    out.raw("input", job.content().input());
    out.raw("result", job.outcome().result());
    writeOutcome(out, job);
    out.raw("heartbeatDetails", job.heartbeatDetails());
    writeDescription(out, job);
    out.array(
        "attempts",
        list -> {
          for (Attempt attempt : job.attempts()) {
            list.element(fields -> write(fields, attempt));
          }
        });
    if (job.attemptsOmitted() > 0) {
      out.number("attemptsOmitted", job.attemptsOmitted());
    }
  }

  /** A job as an entry of a list, without what may be long. */
  static void writeListed(JsonOutput out, Job job) throws IOException {
    writeIdentity(out, job);
    writeOutcome(out, job);
    writeDescription(out, job);
  }

  /** The answer of a job that is closed. */
  static void writeResult(JsonOutput out, Job job) throws IOException {
    out.text("id", job.key().id());
    out.text("runId", job.runId().toString());
    out.text("status", job.state().status().wire());
    out.raw("result", job.outcome().result());
    writeOutcome(out, job);
  }

  static void writeOutcome(JsonOutput out, Job job) throws IOException {
    Failure failure = job.outcome().failure();
    if (failure != null) {
      out.object("failure", fields -> write(fields, failure));
    }
    var retryState = job.outcome().retryState();
    out.text("retryState", retryState == null ? null : retryState.wire());
  }

  private static void writeIdentity(JsonOutput out, Job job) throws IOException {
    out.text("namespace", job.key().namespace());
    out.text("id", job.key().id());
    out.text("runId", job.runId().toString());
    out.text("type", job.type());
    out.text("taskQueue", job.taskQueue().name());
    JobState state = job.state();
    RunState runState = state.runState();
    WaitingFor waitingFor = state.waitingFor();
    out.text("status", state.status().wire());
    out.text("runState", runState == null ? null : runState.wire());
    out.text("waitingFor", waitingFor == null ? null : waitingFor.wire());
    out.number("attempt", state.attempt());
  }

  private static void writeDescription(JsonOutput out, Job job) throws IOException {
    out.text("summary", job.content().summary());
    out.text("details", job.content().details());
    out.raw("searchAttributes", job.content().searchAttributes());
    write(out, job.options());
    JobTimes times = job.times();
    out.instant("createdAt", times.createdAt());
    out.instant("firstDispatchAt", times.firstDispatchAt());
    out.instant("nextAttemptAt", times.nextAttemptAt());
    out.instant("lastHeartbeatAt", times.lastHeartbeatAt());
    out.instant("expiresAt", times.expiresAt());
    out.instant("closedAt", times.closedAt());
    out.text("worker", job.state().worker());
    out.text("reason", job.state().reason());
    out.text("rerunOf", job.rerunOf() == null ? null : job.rerunOf().toString());
    out.number("leaseLosses", job.state().leaseLosses());
  }

  private static void write(JsonOutput out, JobOptions options) throws IOException {
    out.duration("scheduleToCloseTimeout", options.timeouts().scheduleToClose());
    out.duration("scheduleToStartTimeout", options.timeouts().scheduleToStart());
    out.duration("startToCloseTimeout", options.timeouts().startToClose());
    out.duration("heartbeatTimeout", options.timeouts().heartbeat());
    out.object("retryPolicy", fields -> write(fields, options.retryPolicy()));
    out.object("priority", fields -> write(fields, options.priority()));
  }

  private static void write(JsonOutput out, RetryPolicy policy) throws IOException {
    out.duration("initialInterval", policy.initialInterval());
    out.decimal("backoffCoefficient", policy.backoffCoefficient());
    out.duration("maximumInterval", policy.maximumInterval());
    out.number("maximumAttempts", policy.maximumAttempts());
    out.array(
        "nonRetryableErrorTypes",
        list -> {
          for (String type : policy.nonRetryableErrorTypes()) {
            list.element(type);
          }
        });
    out.decimal("jitter", policy.jitter());
  }

  static void write(JsonOutput out, Priority priority) throws IOException {
    out.number("priorityKey", priority.priorityKey());
    out.text("fairnessKey", priority.fairnessKey().isEmpty() ? null : priority.fairnessKey());
    out.decimal("fairnessWeight", priority.fairnessWeight());
  }

  private static void write(JsonOutput out, Attempt attempt) throws IOException {
    out.number("attempt", attempt.attempt());
    out.text("worker", attempt.worker());
    out.instant("scheduledAt", attempt.scheduledAt());
    out.instant("startedAt", attempt.startedAt());
    out.instant("endedAt", attempt.endedAt());
    out.text("outcome", attempt.outcome() == null ? null : attempt.outcome().wire());
    Failure failure = attempt.failure();
    if (failure != null) {
      out.object("failure", fields -> write(fields, failure));
    }
    out.number("heartbeats", attempt.heartbeats());
    out.instant("nextAttemptAt", attempt.nextAttemptAt());
    DeliveryResponse response = attempt.response();
    if (response != null) {
      out.object(
          "response",
          fields -> {
            fields.number("status", response.status());
            fields.number("durationMs", response.durationMs());
            fields.text("body", response.body().toString(StandardCharsets.UTF_8));
          });
    }
  }

  private static void write(JsonOutput out, Failure failure) throws IOException {
    out.text("type", failure.type());
    out.text("message", failure.message());
    out.bool("nonRetryable", failure.nonRetryable());
    out.duration("nextRetryDelay", failure.nextRetryDelay());
    out.raw("details", failure.details());
    Failure cause = failure.cause();
    if (cause != null) {
      out.object("cause", fields -> write(fields, cause));
    }
  }
}
