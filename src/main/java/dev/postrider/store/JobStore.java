package dev.postrider.store;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.StartRequest;
import dev.postrider.job.TaskToken;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where jobs are kept and moved. Every move is one atomic step, decided by the store's own clock;
 * when its future succeeds, the move is kept at the configured durability.
 *
 * <p>A future fails with {@link StoreUnavailableException} when the store cannot be reached or did
 * not answer in time (the move may have happened: every method may be called again and then answers
 * as the first call did), and a start's with {@link StoreFullException} when the store has no room.
 *
 * <p>An instance belongs to one event loop.
 */
public interface JobStore {
  /**
   * Has starts take leases along for whoever waits on this loop; a hint that saves a call, for
   * those that lease on a wake-up too.
   */
  default void takeAlong(EagerLeases waiting) {}

  /** Starts a job, or answers for the run that has its id. */
  Future<StartResult> start(StartRequest request);

  /** Leases up to {@code request.maxTasks()} tasks of one queue; never waits for any. */
  Future<LeaseResult> lease(LeaseRequest request);

  /** Ends an attempt and its job with a result. */
  Future<ReportResult> complete(Completion completion);

  /** Ends an attempt with a failure; the job is tried again or closed, as its retry policy says. */
  Future<ReportResult> fail(FailureReport report);

  /**
   * Ends an attempt as canceled, and its job with it.
   *
   * @return {@link ReportResult.CancelNotRequested} when nobody has asked for that
   */
  Future<ReportResult> canceled(Cancellation cancellation);

  /** Stores a heartbeat: the attempt's heartbeat timeout counts from then on. */
  Future<HeartbeatResult> heartbeat(HeartbeatReport report);

  /**
   * Gives leases back unworked, to the head of their lanes, without costing an attempt.
   *
   * @return the tokens whose attempt is over, closed or deleted: those were passed over
   */
  Future<List<TaskToken>> handBack(List<TaskToken> tokens);

  /**
   * Has the notices of these leases told again, to whoever holds them; those that no longer hold
   * are passed over.
   */
  Future<Void> notifyAgain(List<TaskToken> tokens);

  /**
   * Completes an open job by id, whether or not an attempt runs.
   *
   * @param attempt when given, only while that is the job's attempt ({@link ReportResult.LeaseLost}
   *     else)
   * @param requestId as of a {@link Control}
   */
  Future<ReportResult> completeById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer result,
      @Nullable String requestId);

  /**
   * Fails the attempt of a job that runs now, as {@link #fail} does with its token.
   *
   * @param attempt when given, only while that is the job's attempt
   * @param requestId as of a {@link Control}
   * @return {@link ReportResult.LeaseLost} when no attempt runs, or another one than was meant
   */
  Future<ReportResult> failById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      Failure failure,
      @Nullable String requestId);

  /**
   * Stores a heartbeat of the attempt that runs, as {@link #heartbeat} does with its token.
   *
   * @param attempt when given, only while that is the job's attempt
   * @param details null = the last ones stay
   */
  Future<HeartbeatResult> heartbeatById(
      JobKey key, @Nullable RunId runId, @Nullable Integer attempt, @Nullable Buffer details);

  /** Asks a job to end: at once when no attempt runs, else by telling its worker. */
  Future<ControlResult> cancel(Control control);

  /** Ends an open job now. */
  Future<ControlResult> terminate(Control control);

  /**
   * Lets a paused job go on, at the end of its remaining back-off or start delay.
   *
   * @param jitter a random part of it is added; zero = none
   */
  Future<ControlResult> unpause(Control control, Duration jitter);

  /** Has no further attempt begin: at once when none runs, else after the one that does. */
  Future<ControlResult> pause(Control control);

  /**
   * Has a job start over at attempt 1: at once when no attempt runs, else after the one that does,
   * unless it succeeds.
   */
  Future<ControlResult> reset(Control control, ResetOptions options);

  /**
   * Changes the options of an open job, in effect at once.
   *
   * @param change what they become, given what they are; called again when they were changed in
   *     between. What it throws fails the future, and nothing is changed
   */
  Future<UpdateOptionsResult> updateOptions(
      Control control, UnaryOperator<AdjustableOptions> change);

  /** Makes the options of an open job what they were at its start. */
  Future<UpdateOptionsResult> restoreOptions(Control control);

  /** Dispatches a job now that waits for its start time or the end of a back-off. */
  Future<ControlResult> retryNow(Control control);

  /** Starts a new run of a closed job with the same type, input and options. */
  Future<RerunResult> rerun(Control control);

  /** Removes a run, an open one by terminating it first; false when there is none. */
  Future<Boolean> delete(JobKey key, @Nullable RunId runId);

  /**
   * The latest run of a key, or the one with {@code runId}, and the event position it is true at.
   */
  Future<Optional<Described>> describe(JobKey key, @Nullable RunId runId);

  /**
   * Reads on in the log of starts, newest first: every run of {@code namespace}, without input,
   * result, heartbeat details and attempts.
   *
   * @param cursor where the last page ended; null = the newest
   * @param limit runs to look at, at most; a page may hold fewer and still have a next
   * @return a failed future with {@link IllegalArgumentException} when {@code cursor} is none
   */
  Future<JobPage> list(String namespace, @Nullable String cursor, int limit);
}
