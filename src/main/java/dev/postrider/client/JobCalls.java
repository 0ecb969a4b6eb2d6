package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The calls about jobs, each made again while the service is away. */
final class JobCalls {
  /** How long the service may keep one call for a result. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final Http http;
  private final Http waits;
  private final Retry retry;
  private final ClientOptions options;
  private final Json json;

  JobCalls(Http http, Http waits, Retry retry, ClientOptions options, Json json) {
    this.http = http;
    this.waits = waits;
    this.retry = retry;
    this.options = options;
    this.json = json;
  }

  Json json() {
    return json;
  }

  Future<JobHandle> start(StartOptions start) {
    ObjectNode body;
    try {
      body = start.body(json);
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(new PostriderException("the input " + e.getMessage(), e));
    }
    return call(HttpMethod.POST, path("/v1/jobs"), body)
        .map(job -> handle(job, job.path("started").asBoolean()));
  }

  JobHandle handle(JsonNode job, boolean started) {
    return new JobHandle(
        new AsyncJobHandle(this, job.path("id").asText(), job.path("runId").asText()), started);
  }

  Future<JobDescription> describe(String id, @Nullable String runId) {
    return call(HttpMethod.GET, ofRun(id, "", runId), null).map(this::description);
  }

  Future<@Nullable Void> delete(String id, @Nullable String runId) {
    AtomicInteger tries = new AtomicInteger();
    return retry
        .within(
            options.patience,
            () -> {
              tries.incrementAndGet();
              return http.call(HttpMethod.DELETE, ofRun(id, "", runId), null);
            })
        .<@Nullable Void>mapEmpty()
        .recover(
            cause ->
                // The answer to an earlier try was lost.
                cause instanceof JobNotFoundException && tries.get() > 1
                    ? Future.succeededFuture()
                    : Future.failedFuture(cause));
  }

  Future<JsonNode> control(String id, String verb, ObjectNode body) {
    return call(HttpMethod.POST, ofRun(id, "/" + verb, null), body);
  }

  Future<JobDescription> update(String id, ObjectNode body) {
    return call(HttpMethod.PATCH, ofRun(id, "/options", null), body).map(this::description);
  }

  Future<JsonNode> list(String query, @Nullable String pageToken) {
    String page = pageToken == null ? "" : "&pageToken=" + WireFormat.encode(pageToken);
    return call(
        HttpMethod.GET, path("/v1/jobs") + "&query=" + WireFormat.encode(query) + page, null);
  }

  JobDescription description(JsonNode job) {
    return new JobDescription(job, json);
  }

  /**
   * Waits for the end of a run; where none is named, of the one that is the latest now.
   *
   * @param timeout null = none
   */
  Future<JsonNode> result(String id, @Nullable String runId, @Nullable Duration timeout) {
    long end = timeout == null ? 0 : System.nanoTime() + timeout.toNanos();
    return result(id, runId, timeout, end);
  }

  private Future<JsonNode> result(
      String id, @Nullable String runId, @Nullable Duration timeout, long end) {
    Duration left =
        timeout == null ? LONGEST_WAIT : Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    Duration wait = left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
    String path = ofRun(id, "/result", runId) + "&wait=" + wait.toMillis() + "ms";
    Duration patience = timeout == null ? options.patience : left;
    return retry
        .within(patience, () -> waits.call(HttpMethod.GET, path, null, wait))
        .compose(
            answer -> {
              JobStatus status = statusOf(answer);
              if (!status.isOpen()) {
                return Future.succeededFuture(answer);
              }
              if (timeout != null && System.nanoTime() - end >= 0) {
                return Future.failedFuture(
                    new TimeoutException("job " + id + " is still " + status.wireName()));
              }
              return result(id, answer.path("runId").asText(), timeout, end);
            });
  }

  <T> @Nullable T valueOf(JsonNode answer, Class<T> type) {
    JobStatus status = statusOf(answer);
    if (status != JobStatus.COMPLETED) {
      throw new JobFailedException(
          answer.path("id").asText(),
          answer.path("runId").asText(),
          status,
          JobFailure.of(answer.path("failure")));
    }
    return json.readOrRefuse(answer.get("result"), type);
  }

  private static JobStatus statusOf(JsonNode answer) {
    return WireFormat.constant(answer.path("status"), JobStatus.class).orElseThrow();
  }

  private Future<JsonNode> call(HttpMethod method, String path, @Nullable ObjectNode body) {
    return retry.within(options.patience, () -> http.call(method, path, body));
  }

  private String ofRun(String id, String verb, @Nullable String runId) {
    String path = path("/v1/jobs/" + WireFormat.encode(id) + verb);
    return runId == null ? path : path + "&runId=" + WireFormat.encode(runId);
  }

  private String path(String path) {
    return path + "?namespace=" + WireFormat.encode(options.namespace);
  }
}
