package dev.postrider.dispatch;

import dev.postrider.event.EventTail;
import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.StartRequest;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.Described;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.JobPage;
import dev.postrider.store.JobStore;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RerunResult;
import dev.postrider.store.ResetOptions;
import dev.postrider.store.StartResult;
import dev.postrider.store.UpdateOptionsResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The client's half of dispatch: what is asked of a job by its name.
 *
 * <p>Futures fail with what the store's fail with, and with {@link RefusedException}.
 */
public final class Jobs {
  private final JobStore store;
  private final Waiters waiters;
  private final JobList list;
  private final ReportLimits limits;
  private final Metrics metrics;

  /**
   * @param waiters how many calls may wait for a job to close, on all loops of the node together
   * @param maxScan runs that one call of {@link #list} looks at, at most
   */
  public Jobs(
      Vertx vertx,
      JobStore store,
      EventTail tail,
      Semaphore waiters,
      ReportLimits limits,
      int maxScan,
      Metrics metrics) {
    this.store = store;
    this.waiters = new Waiters(vertx, store, tail, waiters);
    this.list = new JobList(store, maxScan);
    this.limits = limits;
    this.metrics = metrics;
  }

  /** Starts a job, or answers for the run that has its id. */
  public Future<StartResult> start(StartRequest request) {
    return store.start(request).onSuccess(result -> started(request, result));
  }

  /**
   * Starts a job and waits for it to close; after {@code wait} the answer holds it as it is then.
   * Refused as {@link Refusal#OVERLOADED} before anything is started.
   */
  public Future<StartResult> start(StartRequest request, Duration wait) {
    return waiters.start(() -> start(request), wait);
  }

  /**
   * Starts each job on its own.
   *
   * @return succeeds when every start was answered: a completed future for each, in order
   */
  public Future<List<Future<StartResult>>> startAll(List<StartRequest> requests) {
    List<Future<StartResult>> results = requests.stream().map(this::start).toList();
    return Future.join(results).transform(ignored -> Future.succeededFuture(results));
  }

  /** The latest run of a key, or the one with {@code runId}. */
  public Future<Optional<Job>> describe(JobKey key, @Nullable RunId runId) {
    return store.describe(key, runId).map(found -> found.map(Described::job));
  }

  /**
   * The run once it is closed, or as it is when {@code wait} is over. A run that is deleted
   * meanwhile is absent.
   *
   * @param wait zero = answer at once
   */
  public Future<Optional<Job>> result(JobKey key, @Nullable RunId runId, Duration wait) {
    return wait.isZero() ? describe(key, runId) : waiters.result(key, runId, wait);
  }

  public Future<ControlResult> cancel(Control control) {
    return store.cancel(control).onSuccess(this::controlled);
  }

  public Future<ControlResult> terminate(Control control) {
    return store.terminate(control).onSuccess(this::controlled);
  }

  public Future<ControlResult> pause(Control control) {
    return store.pause(control);
  }

  public Future<ControlResult> reset(Control control, ResetOptions options) {
    return store.reset(control, options);
  }

  /** Changes options as {@link JobStore#updateOptions} does; what {@code change} throws is told. */
  public Future<UpdateOptionsResult> updateOptions(
      Control control, UnaryOperator<AdjustableOptions> change) {
    return store.updateOptions(control, change);
  }

  /** Makes the options of a job what they were at its start. */
  public Future<UpdateOptionsResult> restoreOptions(Control control) {
    return store.restoreOptions(control);
  }

  public Future<ControlResult> unpause(Control control, Duration jitter) {
    return store.unpause(control, jitter);
  }

  public Future<ControlResult> retryNow(Control control) {
    return store.retryNow(control);
  }

  public Future<RerunResult> rerun(Control control) {
    return store.rerun(control);
  }

  /** Removes a run; false when there is none. */
  public Future<Boolean> delete(JobKey key, @Nullable RunId runId) {
    return store.delete(key, runId);
  }

  /**
   * Completes an open job by id. A result that is too long is refused as {@link
   * Refusal#RESULT_TOO_LARGE} and fails the attempt that runs, if one does, for good.
   */
  public Future<ReportResult> completeById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer result,
      @Nullable String requestId) {
    Failure failure = ResultTooLarge.ofResult(result, limits);
    if (failure == null) {
      return store
          .completeById(key, runId, attempt, result, requestId)
          .onSuccess(answer -> Reports.count(metrics, answer));
    }
    return failById(key, runId, attempt, failure, requestId)
        .map(
            answer -> {
              boolean noneRuns = answer instanceof ReportResult.LeaseLost && attempt == null;
              if (noneRuns || answer instanceof ReportResult.Accepted) {
                throw ResultTooLarge.refusal(failure);
              }
              return answer;
            });
  }

  /** Fails the attempt of a job that runs, by id; the failure is cut to what is kept of it. */
  public Future<ReportResult> failById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      Failure failure,
      @Nullable String requestId) {
    return store
        .failById(key, runId, attempt, FailureCut.to(limits.maxFailureBytes(), failure), requestId)
        .onSuccess(answer -> Reports.count(metrics, answer));
  }

  /**
   * Stores a heartbeat of the attempt that runs, by id. Details that are too long are refused as
   * {@link Refusal#RESULT_TOO_LARGE} and fail that attempt for good.
   */
  public Future<HeartbeatResult> heartbeatById(
      JobKey key, @Nullable RunId runId, @Nullable Integer attempt, @Nullable Buffer details) {
    Failure failure = ResultTooLarge.ofDetails(details, limits);
    return failure == null
        ? store.heartbeatById(key, runId, attempt, details)
        : failById(key, runId, attempt, failure, null)
            .map(answer -> Reports.tooLargeBeat(answer, failure));
  }

  /**
   * The runs of a namespace that {@code filter} takes, newest first. A page may hold fewer than
   * {@code pageSize}, even none, and still have a next: one call looks at a bounded number of runs.
   *
   * @param pageToken the {@code nextCursor} of the page before; null = the first page
   */
  public Future<JobPage> list(
      String namespace, Predicate<Job> filter, int pageSize, @Nullable String pageToken) {
    return list.page(namespace, filter, pageSize, pageToken);
  }

  /** Answers every waiting call with the job as it is now; later ones do not wait. */
  public void close() {
    waiters.close();
  }

  private void started(StartRequest request, StartResult result) {
    String outcome =
        result instanceof StartResult.Started
            ? "started"
            : result instanceof StartResult.Existing ? "existing" : "refused";
    metrics.jobStarted(request.queue(), request.type(), outcome);
  }

  private void controlled(ControlResult result) {
    if (result instanceof ControlResult.Applied applied && !applied.run().status().isOpen()) {
      metrics.jobClosed(applied.run().status());
    }
  }
}
