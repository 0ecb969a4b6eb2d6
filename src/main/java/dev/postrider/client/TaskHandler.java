package dev.postrider.client;

import org.jspecify.annotations.Nullable;

/**
 * Does the work of one type of job. Called on a thread of the worker's, where it may block; for
 * several tasks at once.
 */
@FunctionalInterface
public interface TaskHandler<I> {
  /**
   * Makes one attempt.
   *
   * @param context the attempt, and how to tell that it is alive
   * @param input the job's; null only for handlers that take {@link Void}
   * @return the job's result: any value that can be written as JSON, null = none; or a {@link
   *     java.util.concurrent.CompletionStage} of it, which holds no thread while it is open
   * @throws ApplicationFailure to say how it failed; any other exception is a retryable failure of
   *     the class's name
   * @throws CanceledFailure because the cancellation was requested
   * @throws HandBack to give the task back
   */
  @Nullable Object handle(TaskContext context, I input) throws Exception;
}
