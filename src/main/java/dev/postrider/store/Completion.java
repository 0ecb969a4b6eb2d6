package dev.postrider.store;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.TaskToken;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A report that an attempt did its work.
 *
 * @param result any JSON value; null = none
 * @param response what a webhook's receiver answered
 * @param next the reporter asks for more tasks: the answer is to name its queue and worker
 */
public record Completion(
    TaskToken token, @Nullable Buffer result, @Nullable DeliveryResponse response, boolean next) {
  /** A report that asks for nothing more. */
  public Completion(TaskToken token, @Nullable Buffer result, @Nullable DeliveryResponse response) {
    this(token, result, response, false);
  }
}
