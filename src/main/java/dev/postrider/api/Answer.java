package dev.postrider.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one request is answered with.
 *
 * @param body null = none
 */
record Answer(int status, Map<String, String> headers, @Nullable Buffer body) {

  private static final String JSON = "application/json";

  static Answer json(int status, JsonOutput.Content fields) {
    return of(status, JSON, JsonOutput.object(fields));
  }

  static Answer of(int status, String contentType, Buffer body) {
    return new Answer(status, Map.of("Content-Type", contentType), body);
  }

  static Answer empty(int status) {
    return new Answer(status, Map.of(), null);
  }

  static Answer of(Problem problem) {
    Map<String, String> headers = new LinkedHashMap<>(problem.headers());
    headers.put("Content-Type", ProblemJson.CONTENT_TYPE);
    return new Answer(
        problem.status(), headers, JsonOutput.object(fields -> ProblemJson.write(fields, problem)));
  }

  /** Writes it; a caller that is gone already is no error. */
  void send(HttpServerResponse response) {
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(status);
    headers.forEach(response::putHeader);
    if (body == null) {
      response.end();
    } else {
      response.end(body);
    }
  }
}
