package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The service has refused a request, and says why. */
public class ProblemException extends PostriderException {
  private final int status;
  private final String code;
  private final JsonNode problem;
  private final @Nullable Duration retryAfter;

  ProblemException(
      int status, String code, String detail, JsonNode problem, @Nullable Duration retryAfter) {
    super(status + " " + code + ": " + detail, null);
    this.status = status;
    this.code = code;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** The refusal that an answer tells of, as its most telling class. */
  static ProblemException of(int status, JsonNode body, @Nullable Duration retryAfter) {
    String code = body.path("code").asText("unknown");
    String detail = describe(body);
    return switch (code) {
      case "job_already_started" ->
          new JobAlreadyStartedException(status, code, detail, body, retryAfter);
      case "job_not_found" -> new JobNotFoundException(status, code, detail, body, retryAfter);
      case "lease_lost" -> new LeaseLostException(status, code, detail, body, retryAfter);
      default -> new ProblemException(status, code, detail, body, retryAfter);
    };
  }

  private static String describe(JsonNode body) {
    StringBuilder text = new StringBuilder(body.path("detail").asText("no detail was given"));
    for (JsonNode error : body.path("errors")) {
      text.append("; ").append(error.path("field").asText());
      text.append(' ').append(error.path("message").asText());
    }
    return text.toString();
  }

  /** The status of the answer. */
  public int status() {
    return status;
  }

  /** What is wrong, in one word of the service's API: {@code invalid_state}. */
  public String code() {
    return code;
  }

  /** All that was answered (RFC 9457). */
  public JsonNode problem() {
    return problem;
  }

  /** When to come again, if the service said so. */
  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
