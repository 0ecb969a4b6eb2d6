package dev.postrider.job;

import io.vertx.core.buffer.Buffer;

/**
 * What a webhook's receiver answered.
 *
 * @param status HTTP status code
 * @param durationMs milliseconds from the request to the end of what was read of the answer
 * @param body its first bytes, at most {@code delivery.maxResponseBytes}
 */
public record DeliveryResponse(int status, int durationMs, Buffer body) {}
