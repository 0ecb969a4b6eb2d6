package dev.postrider.store;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import dev.postrider.job.TaskToken;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A report that an attempt failed.
 *
 * @param heartbeatDetails kept as of a last heartbeat; null = none
 * @param response what a webhook's receiver answered
 * @param next the reporter asks for more tasks: the answer is to name its queue and worker
 */
public record FailureReport(
    TaskToken token,
    Failure failure,
    @Nullable Buffer heartbeatDetails,
    @Nullable DeliveryResponse response,
    boolean next) {
  /** A report of an attempt without heartbeats that asks for nothing more. */
  public FailureReport(TaskToken token, Failure failure, @Nullable DeliveryResponse response) {
    this(token, failure, null, response, false);
  }
}
