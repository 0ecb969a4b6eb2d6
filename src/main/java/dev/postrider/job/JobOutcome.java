package dev.postrider.job;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run.
 *
 * @param result any JSON value, of a completed run; null = none was given
 * @param failure of a run that did not complete; while open, of the last failed attempt
 * @param retryState of a failed or timed-out run
 */
public record JobOutcome(
    @Nullable Buffer result, @Nullable Failure failure, @Nullable RetryState retryState) {
  public static final JobOutcome NONE = new JobOutcome(null, null, null);
}
