package dev.postrider.client;

import org.jspecify.annotations.Nullable;

/**
 * An attempt that somebody else than its worker ends, by its token.
 *
 * <p>Every method waits for the service and throws {@link LeaseLostException} if the attempt is
 * over, {@link ServiceUnavailableException} if there was no answer, and {@link ProblemException}
 * for every other refusal. A report that is made twice is answered as the first time.
 */
public final class TaskHandle {
  private final AsyncTaskHandle async;

  TaskHandle(AsyncTaskHandle async) {
    this.async = async;
  }

  /** The same verbs as futures. */
  public AsyncTaskHandle async() {
    return async;
  }

  /**
   * Completes the job.
   *
   * @param result any value that can be written as JSON; null = none. One that is too large ends
   *     the attempt for good: {@link ProblemException} with the code {@code result_too_large}
   */
  public void complete(@Nullable Object result) {
    Blocking.await(async.completing(result));
  }

  /** Ends the attempt as failed; whether there is another, the retry policy says. */
  public void fail(ApplicationFailure failure) {
    Blocking.await(async.failing(failure));
  }

  /**
   * Ends the job as canceled, which must have been requested.
   *
   * @param details kept with the job; null = none
   */
  public void canceled(@Nullable Object details) {
    Blocking.await(async.canceling(details));
  }

  /**
   * Tells that the attempt is alive.
   *
   * @param details where it stands, given to the next attempt; null = as before
   */
  public Requested heartbeat(@Nullable Object details) {
    return Blocking.await(async.beat(details));
  }

  /** Gives the task back to the head of its queue; the attempt does not count. */
  public void handBack() {
    Blocking.await(async.handingBack());
  }
}
