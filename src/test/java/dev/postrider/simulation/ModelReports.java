package dev.postrider.simulation;

import static java.util.Objects.requireNonNull;

import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RetryState;
import dev.postrider.job.RunId;
import dev.postrider.job.TaskToken;
import dev.postrider.simulation.ModelRetry.Decision;
import dev.postrider.simulation.ModelRetry.Interval;
import dev.postrider.simulation.ModelRun.Asked;
import dev.postrider.simulation.ModelRun.Deferred;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.Leaseholder;
import dev.postrider.store.ReportResult;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
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
      return repeated(run, "complete", completion.token(), completion.next());
    }
    TaskToken token = completion.token();
    succeed(run, completion.result(), now);
    ended(run, "complete", token);
    return accepted(run, completion.next());
  }

  private static ReportResult accepted(ModelRun run, boolean next) {
    return new ReportResult.Accepted(
        run.summary(), next ? new Leaseholder(requireNonNull(run.leasedFrom), run.worker) : null);
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
      return repeated(run, "fail", token, report.next());
    }
    if (report.heartbeatDetails() != null) {
      run.beat(report.heartbeatDetails(), now);
    }
    endWithoutSuccess(run, report.failure(), AttemptOutcome.FAILED, Interval.POLICY, now);
    ended(run, "fail", token);
    return accepted(run, report.next());
  }

  /** Ends the attempt and its job because that was requested. */
  ReportResult canceled(Cancellation report, long now) {
    TaskToken token = report.token();
    ModelRun run = store.latest(token.key()).orElse(null);
    if (run == null || !holds(run, token)) {
      return repeated(run, "canceled", token, report.next());
    }
    if (run.asked != Asked.CANCEL) {
      return new ReportResult.CancelNotRequested(run.status, run.runState);
    }
    Failure failure = new Failure("canceled", "", true, null, report.details(), null);
    store.close(run, JobStatus.CANCELED, AttemptOutcome.CANCELED, failure, now);
    ended(run, "canceled", token);
    return accepted(run, report.next());
  }

  HeartbeatResult heartbeat(HeartbeatReport report, long now) {
    ModelRun run = store.latest(report.token().key()).orElse(null);
    if (run == null || !holds(run, report.token())) {
      return new HeartbeatResult.LeaseLost();
    }
    store.notices.told(run);
    return beat(run, report.details(), now);
  }

  /** What a heartbeat is answered that comes again: it is not counted again. */
  HeartbeatResult heartbeatAgain(TaskToken token) {
    ModelRun run = store.latest(token.key()).orElse(null);
    return run == null || !holds(run, token)
        ? new HeartbeatResult.LeaseLost()
        : new HeartbeatResult.Recorded(run.requested());
  }

  HeartbeatResult heartbeatById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer details,
      @Nullable String requestId,
      long now) {
    Optional<ModelRun> found = store.find(key, runId);
    if (found.isEmpty()) {
      return new HeartbeatResult.NotFound();
    }
    ModelRun run = found.get();
    if (!run.isOpen()) {
      return new HeartbeatResult.Closed(run.status);
    }
    if (!run.isRunning() || (attempt != null && attempt != run.attempt)) {
      return new HeartbeatResult.LeaseLost();
    }
    if (requestId != null && requestId.equals(run.requestIds.get("heartbeat"))) {
      return new HeartbeatResult.Recorded(run.requested());
    }
    run.noteRequest("heartbeat", requestId);
    return beat(run, details, now);
  }

  private HeartbeatResult beat(ModelRun run, @Nullable Buffer details, long now) {
    run.beat(details, now);
    return new HeartbeatResult.Recorded(run.requested());
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
    if (run.resetAsked()) {
      if (now >= run.expiresAt) {
        end(run, RetryState.TIMEOUT, failure, how, now);
        return;
      }
      Asked asked = run.asked;
      store.endAttempt(run, how, failure, now, now);
      run.failure = failure;
      landReset(run, asked, now);
      return;
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
      end(run, decision.end(), failure, how, now);
      return;
    }
    boolean pauses = run.asked == Asked.PAUSE;
    store.endAttempt(run, how, failure, again, now);
    run.attempt++;
    run.failure = failure;
    Duration asked = failure.nextRetryDelay();
    run.backoffFrom =
        interval == Interval.POLICY && (asked == null || asked.isZero()) ? Long.valueOf(now) : null;
    if (pauses) {
      run.dispatchAt = again;
      run.dispatchAtMost = again;
      store.pause(run);
    } else {
      store.dispatch(run, again, now);
    }
  }

  private void end(ModelRun run, RetryState why, Failure failure, AttemptOutcome how, long now) {
    boolean lost = how != AttemptOutcome.FAILED;
    store.close(run, lost ? JobStatus.TIMED_OUT : JobStatus.FAILED, how, failure, now);
    run.retryState = why;
    if (lost && why == RetryState.TIMEOUT) {
      run.failure = timeout(Failure.SCHEDULE_TO_CLOSE);
    }
  }

  /** Does what was asked of an attempt that has ended: its job starts over. */
  private void landReset(ModelRun run, Asked asked, long now) {
    boolean pauses = asked == Asked.RESET_THEN_PAUSE;
    Deferred deferred = run.deferred;
    run.deferred = null;
    run.attempt = 1;
    run.backoffFrom = null;
    if (deferred.resetHeartbeat()) {
      run.forgetHeartbeats();
    }
    if (deferred.restoreOptions()) {
      store.restoreOptions(run);
    }
    if (pauses) {
      run.dispatchAt = now;
      run.dispatchAtMost = now;
      store.pause(run);
    } else {
      store.dispatch(run, now, now);
    }
  }

  static Failure timeout(String type) {
    return new Failure(type, "", false, null, null, null);
  }

  /** Has the holders of these leases told again what is asked of them. */
  void notifyAgain(List<TaskToken> tokens) {
    for (TaskToken token : tokens) {
      store.latest(token.key()).filter(run -> holds(run, token)).ifPresent(store.notices::changed);
    }
  }

  /** Gives leases back, the first of them next in its lane; answers with those that are lost. */
  List<TaskToken> handBack(List<TaskToken> tokens, long now) {
    List<TaskToken> lost = new ArrayList<>();
    for (int i = tokens.size() - 1; i >= 0; i--) {
      TaskToken token = tokens.get(i);
      ModelRun run = store.latest(token.key()).orElse(null);
      if (run == null || !holds(run, token)) {
        if (repeated(run, "hand back", token, false) instanceof ReportResult.LeaseLost) {
          lost.add(0, token);
        }
        continue;
      }
      store.limits.handedBack(run);
      if (run.asked == Asked.CANCEL) {
        store.close(run, JobStatus.CANCELED, AttemptOutcome.CANCELED, null, now);
      } else {
        Asked asked = run.asked;
        store.endAttempt(run, AttemptOutcome.HANDED_BACK, null, null, now);
        switch (asked) {
          case NOTHING, CANCEL -> {
            if (run.scheduleToStartAt() <= now) {
              run.dispatchAt = now;
            }
            store.redispatchAtHead(run, now);
          }
          case PAUSE -> store.pause(run);
          case RESET, RESET_THEN_PAUSE -> {
            landReset(run, asked, now);
            if (run.place == Place.LANE) {
              store.lanes.remove(run);
              store.lanes.pushFront(run);
            }
          }
        }
      }
      ended(run, "hand back", token);
    }
    return lost;
  }

  private static boolean holds(ModelRun run, TaskToken token) {
    return token.equals(run.token);
  }

  private static void ended(ModelRun run, String kind, @Nullable TaskToken token) {
    run.endedBy = kind;
    run.endedToken = token;
  }

  private static ReportResult repeated(
      @Nullable ModelRun run, String kind, TaskToken token, boolean next) {
    return run != null && kind.equals(run.endedBy) && token.equals(run.endedToken)
        ? accepted(run, next)
        : new ReportResult.LeaseLost();
  }
}
