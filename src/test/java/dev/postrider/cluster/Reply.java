package dev.postrider.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.client.HttpResponse;
import org.jspecify.annotations.Nullable;

/** The answer to one call. */
record Reply(
    int status, @Nullable String contentType, @Nullable String retryAfter, @Nullable String body) {

  private static final ObjectMapper JSON = new ObjectMapper();

  static Reply of(HttpResponse<Buffer> response) {
    return new Reply(
        response.statusCode(),
        response.getHeader("Content-Type"),
        response.getHeader("Retry-After"),
        response.bodyAsString());
  }

  boolean isAccepted() {
    return status >= 200 && status < 300;
  }

  /** The body, which must be JSON. */
  JsonNode json() {
    return json(body == null ? "" : body);
  }

  /** Reads a JSON text. */
  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  /** The text at a JSON pointer, such as {@code /attempts/0/outcome}; empty if there is none. */
  String text(String pointer) {
    return json().at(pointer).asText();
  }

  /** The number at a JSON pointer; 0 if there is none. */
  long number(String pointer) {
    return json().at(pointer).asLong();
  }
}
