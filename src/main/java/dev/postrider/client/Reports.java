package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The calls under a task's token. A report may be made twice without harm. */
final class Reports {
  private final Http http;
  private final Retry retry;

  Reports(Http http, Retry retry) {
    this.http = http;
    this.retry = retry;
  }

  /**
   * Makes a call until it is answered.
   *
   * @param next the tasks that the answer is to bring; asked for in the first try alone, so that a
   *     lost answer loses no second batch
   * @param worth whether to go on after a failure
   */
  Future<JsonNode> report(
      String token,
      String verb,
      ObjectNode body,
      @Nullable ObjectNode next,
      Predicate<Throwable> worth) {
    String path = "/v1/tasks/" + WireFormat.encode(token) + "/" + verb;
    AtomicBoolean asked = new AtomicBoolean(next == null);
    return retry.during(
        worth,
        () -> {
          ObjectNode sent = body;
          if (asked.compareAndSet(false, true)) {
            sent = body.deepCopy();
            sent.set("next", next);
          }
          return http.call(HttpMethod.POST, path, sent);
        });
  }
}
