package dev.postrider.job;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt or a job failed: data, not a stack trace.
 *
 * @param type what {@code nonRetryableErrorTypes} is matched against, exactly
 * @param nextRetryDelay replaces the policy's interval for the next attempt only
 * @param details any JSON value, its exact source bytes
 * @param cause the failure behind this one; of a timeout, the previous attempt's
 */
public record Failure(
    String type,
    String message,
    boolean nonRetryable,
    @Nullable Duration nextRetryDelay,
    @Nullable Buffer details,
    @Nullable Failure cause) {
  public static final String START_TO_CLOSE = "timeout.start_to_close";
  public static final String HEARTBEAT = "timeout.heartbeat";
  public static final String SCHEDULE_TO_START = "timeout.schedule_to_start";
  public static final String SCHEDULE_TO_CLOSE = "timeout.schedule_to_close";
}
