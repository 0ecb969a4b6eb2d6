package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of {@link TaskHandle} as futures. They fail with what the blocking ones throw; their
 * dependents may block.
 */
public final class AsyncTaskHandle {
  private final Reports reports;
  private final Json json;
  private final Duration patience;
  private final String token;

  AsyncTaskHandle(Reports reports, Json json, Duration patience, String token) {
    this.reports = reports;
    this.json = json;
    this.patience = patience;
    this.token = token;
  }

  /** {@link TaskHandle#complete}. */
  public CompletableFuture<@Nullable Void> complete(@Nullable Object result) {
    return Blocking.future(completing(result));
  }

  /** {@link TaskHandle#fail}. */
  public CompletableFuture<@Nullable Void> fail(ApplicationFailure failure) {
    return Blocking.future(failing(failure));
  }

  /** {@link TaskHandle#canceled}. */
  public CompletableFuture<@Nullable Void> canceled(@Nullable Object details) {
    return Blocking.future(canceling(details));
  }

  /** {@link TaskHandle#heartbeat}. */
  public CompletableFuture<Requested> heartbeat(@Nullable Object details) {
    return Blocking.future(beat(details));
  }

  /** {@link TaskHandle#handBack}. */
  public CompletableFuture<@Nullable Void> handBack() {
    return Blocking.future(handingBack());
  }

  Future<@Nullable Void> completing(@Nullable Object result) {
    return call("complete", json.put(Json.object(), "result", result)).mapEmpty();
  }

  Future<@Nullable Void> failing(ApplicationFailure failure) {
    ObjectNode body = Json.object();
    body.set("failure", Failures.json(failure, json));
    return call("fail", body).mapEmpty();
  }

  Future<@Nullable Void> canceling(@Nullable Object details) {
    return call("canceled", json.put(Json.object(), "details", details)).mapEmpty();
  }

  Future<Requested> beat(@Nullable Object details) {
    return call("heartbeat", json.put(Json.object(), "details", details)).map(Requested::of);
  }

  Future<@Nullable Void> handingBack() {
    return call("hand-back", Json.object()).mapEmpty();
  }

  private Future<JsonNode> call(String verb, ObjectNode body) {
    long end = System.nanoTime() + patience.toNanos();
    return reports.report(
        token, verb, body, null, cause -> Retry.isTransient(cause) && System.nanoTime() - end < 0);
  }
}
