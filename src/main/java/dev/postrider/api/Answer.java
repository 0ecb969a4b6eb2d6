package dev.postrider.api;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one request is answered with.
 *
 * @param body null = none
 * @param undelivered runs if the caller was gone before all of it was sent
 */
record Answer(
    int status, Map<String, String> headers, @Nullable Buffer body, Runnable undelivered) {

  private static final String JSON = "application/json";

  Answer(int status, Map<String, String> headers, @Nullable Buffer body) {
    this(status, headers, body, () -> {});
  }

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

  /** The same, with what is to be done if it cannot be delivered. */
  Answer orElse(Runnable notDelivered) {
    return new Answer(status, headers, body, notDelivered);
  }

  /** Writes it; a caller that is gone already is no error. */
  void send(HttpServerResponse response) {
    if (response.ended() || response.closed()) {
      undelivered.run();
      return;
    }
    response.setStatusCode(status);
    headers.forEach(response::putHeader);
    Future<Void> sent = body == null ? response.end() : response.end(body);
    sent.onFailure(gone -> undelivered.run());
  }
}
