package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt or a job has failed.
 *
 * @param type what {@code nonRetryableErrorTypes} is matched against; time-outs have the types
 *     {@code timeout.start_to_close}, {@code timeout.heartbeat}, {@code timeout.schedule_to_start}
 *     and {@code timeout.schedule_to_close}
 * @param message for humans
 * @param nextRetryDelay what replaced the retry policy's interval; null = nothing did
 * @param details what the worker added; null = nothing
 * @param cause the failure behind this one; of a time-out, the previous attempt's
 */
public record JobFailure(
    String type,
    String message,
    boolean nonRetryable,
    @Nullable Duration nextRetryDelay,
    @Nullable JsonNode details,
    @Nullable JobFailure cause) {

  static @Nullable JobFailure of(JsonNode node) {
    if (!node.isObject()) {
      return null;
    }
    return new JobFailure(
        node.path("type").asText(),
        node.path("message").asText(),
        node.path("nonRetryable").asBoolean(),
        WireFormat.duration(node.path("nextRetryDelay")).orElse(null),
        node.get("details"),
        of(node.path("cause")));
  }

  /** Its type and message on one line. */
  String summary() {
    return type + ": " + message;
  }
}
