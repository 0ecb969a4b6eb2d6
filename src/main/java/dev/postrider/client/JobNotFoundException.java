package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** There is no such job or run; it may have been deleted or be past its retention. */
public final class JobNotFoundException extends ProblemException {
  JobNotFoundException(
      int status, String code, String detail, JsonNode problem, @Nullable Duration retryAfter) {
    super(status, code, detail, problem, retryAfter);
  }
}
