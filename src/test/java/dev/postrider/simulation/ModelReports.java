package dev.postrider.simulation;

import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RetryState;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.TaskToken;
import dev.postrider.simulation.ModelRetry.Decision;
import dev.postrider.simulation.ModelRetry.Interval;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.ReportResult;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What workers do with their leases. */
final class ModelReports {
  private final ModelStore store;

  ModelReports(ModelStore store) {
    this.store = store;
  }

  ReportResult complete(Completion completion, long now) {
    ModelRun run = store.latest(completion.token().key()).orElse(null);
    if (run == null || !holds(run, completion.token())) {
      return repeated(run, "complete", completion.token());
    }
    TaskToken token = completion.token();
    succeed(run, completion.result(), now);
    ended(run, "complete", token);
    return new ReportResult.Accepted(run.summary());
  }

  ReportResult completeById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer result,
      long now) {
    Optional<ModelRun> found = store.find(key, runId);
    if (found.isEmpty()) {
      return new ReportResult.NotFound();
    }
    ModelRun run = found.get();
    if (!run.isOpen()) {
      return new ReportResult.Closed(run.status);
    }
    if (attempt != null && attempt != run.attempt) {
      return new ReportResult.LeaseLost();
    }
    succeed(run, result, now);
    return new ReportResult.Accepted(run.summary());
  }

  /** A report by id under a request id: its repetition changes nothing. */
  ReportResult byId(
      JobKey key,
      @Nullable RunId runId,
      String kind,
      String requestId,
      Supplier<ReportResult> move) {
    Optional<ModelRun> run = store.find(key, runId);
    if (run.isPresent() && requestId.equals(run.get().requestIds.get(kind))) {
      return new ReportResult.Accepted(run.get().summary());
    }
    ReportResult result = move.get();
    if (result instanceof ReportResult.Accepted) {
      run.orElseThrow().noteRequest(kind, requestId);
    }
    return result;
  }

  /** Fails the attempt that runs, by id. */
  ReportResult failById(
      JobKey key, @Nullable RunId runId, @Nullable Integer attempt, Failure failure, long now) {
    Optional<ModelRun> found = store.find(key, runId);
    if (found.isEmpty()) {
      return new ReportResult.NotFound();
    }
    ModelRun run = found.get();
    if (!run.isOpen()) {
      return new ReportResult.Closed(run.status);
    }
    if (!run.isRunning() || (attempt != null && attempt != run.attempt)) {
      return new ReportResult.LeaseLost();
    }
    TaskToken token = run.token;
    endWithoutSuccess(run, failure, AttemptOutcome.FAILED, Interval.POLICY, now);
    ended(run, "fail by id", token);
    return new ReportResult.Accepted(run.summary());
  }

  private void succeed(ModelRun run, @Nullable Buffer result, long now) {
    store.close(run, JobStatus.COMPLETED, AttemptOutcome.COMPLETED, null, now);
    run.result = result;
    run.retryState = null;
  }

  ReportResult fail(FailureReport report, long now) {
    TaskToken token = report.token();
    ModelRun run = store.latest(token.key()).orElse(null);
    if (run == null || !holds(run, token)) {
      return repeated(run, "fail", token);
    }
    endWithoutSuccess(run, report.failure(), AttemptOutcome.FAILED, Interval.POLICY, now);
    ended(run, "fail", token);
    return new ReportResult.Accepted(run.summary());
  }

  /**
   * Ends the running attempt by a failure or a lost lease; retries or closes as the policy says.
   */
  void endWithoutSuccess(
      ModelRun run, Failure failure, AttemptOutcome how, Interval interval, long now) {
    boolean lost = how != AttemptOutcome.FAILED;
    if (lost) {
      run.leaseLosses++;
    }
    Decision decision = ModelRetry.decide(run, failure, interval, now);
    long again = 0;
    if (decision.end() == null) {
      again = store.choice.moment(run, decision.from(), decision.to());
      if (again >= run.expiresAt) {
        decision = Decision.end(RetryState.TIMEOUT);
      }
    }
    if (decision.end() != null) {
      store.close(run, lost ? JobStatus.TIMED_OUT : JobStatus.FAILED, how, failure, now);
      run.retryState = decision.end();
      if (lost && decision.end() == RetryState.TIMEOUT) {
        run.failure = timeout(Failure.SCHEDULE_TO_CLOSE);
      }
      return;
    }
    store.leavePlace(run);
    run.endAttempt(now, how, failure, again);
    run.attempt++;
    run.failure = failure;
    store.dispatch(run, again, now);
  }

  static Failure timeout(String type) {
    return new Failure(type, "", false, null, null, null);
  }

  /** Gives leases back; the first of them is next in its lane. */
  void handBack(List<TaskToken> tokens, long now) {
    for (int i = tokens.size() - 1; i >= 0; i--) {
      TaskToken token = tokens.get(i);
      ModelRun run = store.latest(token.key()).orElse(null);
      if (run == null || !holds(run, token)) {
        continue;
      }
      if (run.runState == RunState.CANCEL_REQUESTED) {
        store.close(run, JobStatus.CANCELED, AttemptOutcome.CANCELED, null, now);
      } else {
        store.leavePlace(run);
        run.endAttempt(now, AttemptOutcome.HANDED_BACK, null, null);
        store.redispatchAtHead(run, now);
      }
      ended(run, "hand back", token);
    }
  }

  private static boolean holds(ModelRun run, TaskToken token) {
    return token.equals(run.token);
  }

  private static void ended(ModelRun run, String kind, @Nullable TaskToken token) {
    run.endedBy = kind;
    run.endedToken = token;
  }

  private static ReportResult repeated(@Nullable ModelRun run, String kind, TaskToken token) {
    return run != null && kind.equals(run.endedBy) && token.equals(run.endedToken)
        ? new ReportResult.Accepted(run.summary())
        : new ReportResult.LeaseLost();
  }
}
