package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.OpenApiContract;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The API of one node, as a client uses it. */
final class Api {

  private static final OpenApiContract CONTRACT = OpenApiContract.load();

  private final HttpCalls http;
  private final int port;

  Api(HttpCalls http, int port) {
    this.http = http;
    this.port = port;
  }

  Reply get(String path) {
    return http.call("GET", port, path, null);
  }

  Reply delete(String path) {
    return http.call("DELETE", port, path, null);
  }

  /** Posts a body written with ' for "; the answer must be as the API document says. */
  Reply post(String path, String json) {
    return judged("POST", path, json);
  }

  /** Patches alike. */
  Reply patch(String path, String json) {
    return judged("PATCH", path, json);
  }

  private Reply judged(String method, String path, String json) {
    Reply reply = http.call(method, port, path, json.replace('\'', '"'));
    assertThat(
            CONTRACT.violationsOfAnswer(
                method, path, reply.status(), reply.contentType(), reply.body()))
        .as("%s %s: %s", method, path, reply)
        .isEmpty();
    return reply;
  }

  /** Posts without waiting and without judging the answer. */
  Future<Reply> send(String path, String json) {
    return http.send("POST", port, path, json.replace('\'', '"'));
  }

  Future<Reply> send(String method, String path, @Nullable String json) {
    return http.send(method, port, path, json);
  }

  Events listen(String path) {
    return http.listen(port, path);
  }

  /** The job as it is now; the answer must be as the API document says. */
  Reply job(String id) {
    Reply reply = get("/v1/jobs/" + id);
    assertThat(
            CONTRACT.violationsOfAnswer(
                "GET", "/v1/jobs/" + id, reply.status(), reply.contentType(), reply.body()))
        .as("job %s: %s", id, reply)
        .isEmpty();
    return reply;
  }

  /** Waits until the job is in a status, and gives the job. */
  Reply awaitStatus(String id, String status, Duration bound) {
    return Await.until(
        "job " + id + " is " + status,
        bound,
        () -> get("/v1/jobs/" + id),
        reply -> reply.status() == 200 && reply.text("/status").equals(status));
  }

  /** How many runs are in a status, counted by listing them all. */
  int count(String status) {
    return Batches.ids(this, status).size();
  }
}
