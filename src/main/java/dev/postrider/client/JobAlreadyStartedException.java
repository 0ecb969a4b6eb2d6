package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A job was not started because another run of its id is in the way. */
public final class JobAlreadyStartedException extends ProblemException {
  JobAlreadyStartedException(
      int status, String code, String detail, JsonNode problem, @Nullable Duration retryAfter) {
    super(status, code, detail, problem, retryAfter);
  }

  /** The run in the way. */
  public String runId() {
    return problem().path("runId").asText();
  }
}
