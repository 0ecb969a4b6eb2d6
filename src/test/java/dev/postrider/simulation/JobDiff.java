package dev.postrider.simulation;

import dev.postrider.job.Attempt;
import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobState;
import dev.postrider.job.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where a job as the store tells it differs from the model's run. */
final class JobDiff {
  private final List<String> differences = new ArrayList<>();

  private JobDiff() {}

  /** Every difference of a described job; empty = none. */
  static List<String> whole(ModelRun run, Job actual) {
    JobDiff diff = new JobDiff();
    Job expected = run.describe();
    diff.head(expected, actual);
    diff.same("content", expected.content(), actual.content());
    diff.same("result", expected.outcome().result(), actual.outcome().result());
    diff.attempts(expected.attempts(), actual.attempts());
    diff.same("attemptsOmitted", expected.attemptsOmitted(), actual.attemptsOmitted());
    diff.same("heartbeatDetails", expected.heartbeatDetails(), actual.heartbeatDetails());
    return diff.differences;
  }

  /** Every difference of a job in a list, which leaves out the large fields. */
  static List<String> listed(ModelRun run, Job actual) {
    JobDiff diff = new JobDiff();
    diff.head(run.describe(), actual);
    diff.same("input", null, actual.content().input());
    diff.same("result", null, actual.outcome().result());
    diff.same("attempts", List.of(), actual.attempts());
    return diff.differences;
  }

  private void head(Job expected, Job actual) {
    same("key", expected.key(), actual.key());
    same("runId", expected.runId(), actual.runId());
    same("type", expected.type(), actual.type());
    same("taskQueue", expected.taskQueue(), actual.taskQueue());
    same("options", expected.options(), actual.options());
    same("summary", expected.content().summary(), actual.content().summary());
    same("details", expected.content().details(), actual.content().details());
    same("rerunOf", expected.rerunOf(), actual.rerunOf());
    state(expected.state(), actual.state());
    same("createdAt", expected.times().createdAt(), actual.times().createdAt());
    same("firstDispatchAt", expected.times().firstDispatchAt(), actual.times().firstDispatchAt());
    same("expiresAt", expected.times().expiresAt(), actual.times().expiresAt());
    same("closedAt", expected.times().closedAt(), actual.times().closedAt());
    same("lastHeartbeatAt", expected.times().lastHeartbeatAt(), actual.times().lastHeartbeatAt());
    same("nextAttemptAt", expected.times().nextAttemptAt(), actual.times().nextAttemptAt());
    same("retryState", expected.outcome().retryState(), actual.outcome().retryState());
    JobStatus status = expected.state().status();
    if (status != JobStatus.CANCELED && status != JobStatus.TERMINATED) {
      failure("failure", expected.outcome().failure(), actual.outcome().failure());
    }
  }

  private void state(JobState expected, JobState actual) {
    same("status", expected.status(), actual.status());
    same("runState", expected.runState(), actual.runState());
    same("attempt", expected.attempt(), actual.attempt());
    same("leaseLosses", expected.leaseLosses(), actual.leaseLosses());
    same("worker", expected.worker(), actual.worker());
    same("reason", expected.reason(), actual.reason());
    same("waitingFor", expected.waitingFor(), actual.waitingFor());
  }

  private void attempts(List<Attempt> expected, List<Attempt> actual) {
    if (expected.size() != actual.size()) {
      differences.add("attempts: " + expected + " expected, but " + actual);
      return;
    }
    for (int i = 0; i < expected.size(); i++) {
      Attempt e = expected.get(i);
      Attempt a = actual.get(i);
      String at = "attempts[" + i + "].";
      same(at + "attempt", e.attempt(), a.attempt());
      same(at + "worker", e.worker(), a.worker());
      same(at + "scheduledAt", e.scheduledAt(), a.scheduledAt());
      same(at + "startedAt", e.startedAt(), a.startedAt());
      same(at + "endedAt", e.endedAt(), a.endedAt());
      same(at + "outcome", e.outcome(), a.outcome());
      same(at + "heartbeats", e.heartbeats(), a.heartbeats());
      same(at + "nextAttemptAt", e.nextAttemptAt(), a.nextAttemptAt());
      if (e.outcome() == AttemptOutcome.FAILED) {
        failure(at + "failure", e.failure(), a.failure());
      }
    }
  }

  private void failure(String field, @Nullable Failure expected, @Nullable Failure actual) {
    if (expected == null || actual == null) {
      same(field, expected, actual);
      return;
    }
    same(field + ".type", expected.type(), actual.type());
    if (!expected.type().startsWith("timeout.")) {
      same(field + ".message", expected.message(), actual.message());
      same(field + ".nonRetryable", expected.nonRetryable(), actual.nonRetryable());
      same(field + ".details", expected.details(), actual.details());
    }
  }

  private void same(String field, @Nullable Object expected, @Nullable Object actual) {
    if (!Objects.equals(expected, actual)) {
      differences.add(field + ": " + expected + " expected, but " + actual);
    }
  }
}
