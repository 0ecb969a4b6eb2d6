package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The attempt that a worker reports about is over: its time is up, its job closed, or another
 * attempt has begun. Nothing further that is done for it counts.
 */
public final class LeaseLostException extends ProblemException {
  LeaseLostException(
      int status, String code, String detail, JsonNode problem, @Nullable Duration retryAfter) {
    super(status, code, detail, problem, retryAfter);
  }
}
