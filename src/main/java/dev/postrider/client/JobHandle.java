package dev.postrider.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A job, to be watched and controlled. One from a start means that very run; one made from an id
 * alone means the latest run at each call.
 *
 * <p>Every method waits for the service and throws {@link JobNotFoundException} if there is no such
 * job, {@link ServiceUnavailableException} if it did not answer for {@link
 * ClientOptions.Builder#patience}, and {@link ProblemException} for every other refusal. {@link
 * #async} has the same as futures. Controls carry request ids, so that their repetition after a
 * lost answer does no harm.
 */
public final class JobHandle {
  private final AsyncJobHandle async;
  private final boolean started;

  JobHandle(AsyncJobHandle async, boolean started) {
    this.async = async;
    this.started = started;
  }

  public String id() {
    return async.id();
  }

  /** The run that is meant; empty = the latest. */
  public Optional<String> runId() {
    return async.runId();
  }

  /**
   * Whether the start that gave this handle made the run, rather than an existing one answering. If
   * the first answer to the start was lost, its repetition says false.
   */
  public boolean isStarted() {
    return started;
  }

  /** The same verbs as futures. */
  public AsyncJobHandle async() {
    return async;
  }

  /** The job as it is, with its attempts. */
  public JobDescription describe() {
    return Blocking.await(async.calls().describe(id(), runId().orElse(null)));
  }

  /**
   * Waits for the end of the job, however long that takes.
   *
   * @return its result; null if it has none
   * @throws JobFailedException if it ended otherwise than completed
   */
  public <T> @Nullable T result(Class<T> type) {
    return Blocking.await(async.outcome(type, null));
  }

  /**
   * The same for at most {@code timeout}.
   *
   * @throws TimeoutException if the job was still open then
   */
  public <T> @Nullable T result(Class<T> type, Duration timeout) throws TimeoutException {
    try {
      return Blocking.await(async.outcome(type, timeout));
    } catch (ServiceUnavailableException e) {
      throw e; // An unanswered call says nothing about the job.
    } catch (PostriderException e) {
      if (e.getCause() instanceof TimeoutException late) {
        throw late;
      }
      throw e;
    }
  }

  /**
   * Asks the job to end. Without a running attempt it is canceled at once; otherwise its worker is
   * told, and no further attempt is made.
   */
  public void cancel(@Nullable String reason) {
    Blocking.await(async.control("cancel", reason));
  }

  /** Ends the job at once, without asking its worker, whose report is then refused. */
  public void terminate(@Nullable String reason) {
    Blocking.await(async.control("terminate", reason));
  }

  /**
   * Lets no further attempt begin until the job is unpaused; one that runs is told, and goes on.
   */
  public void pause(@Nullable String reason) {
    Blocking.await(async.control("pause", reason));
  }

  /** Lets a paused job go on; what is left of its back-off is kept. */
  public void unpause(@Nullable String reason) {
    Blocking.await(async.control("unpause", reason));
  }

  /** Starts over at attempt 1: at once, or when the running attempt has ended without success. */
  public void reset(ResetOptions options, @Nullable String reason) {
    Blocking.await(async.reset(options.body(reason)));
  }

  /** Skips a back-off or a start delay; the attempt number stays. */
  public void retryNow(@Nullable String reason) {
    Blocking.await(async.control("retry-now", reason));
  }

  /** Starts a new run of a closed job, with the same input, options and idempotency key. */
  public JobHandle rerun(@Nullable String reason) {
    return Blocking.await(async.again(reason));
  }

  /** Changes options of an open job; a running attempt's timeouts too, at once. */
  public JobDescription updateOptions(OptionsUpdate update) {
    return Blocking.await(async.change(update));
  }

  /**
   * Completes the job, whether or not an attempt runs.
   *
   * @param result any value that can be written as JSON; null = none
   */
  public void complete(@Nullable Object result) {
    Blocking.await(async.report("complete", "result", result));
  }

  /** Ends the running attempt as failed; whether there is another, the retry policy says. */
  public void fail(ApplicationFailure failure) {
    Blocking.await(async.failing(failure));
  }

  /**
   * Tells that the running attempt is alive.
   *
   * @param details where it stands, given to the next attempt; null = as before
   */
  public Requested heartbeat(@Nullable Object details) {
    return Blocking.await(async.beat(details));
  }

  /** Removes the run, or the latest; an open one is terminated first. This cannot be undone. */
  public void delete() {
    Blocking.await(async.calls().delete(id(), runId().orElse(null)));
  }
}
