package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The verbs of {@link JobHandle} as futures. They fail with what the blocking ones throw; their
 * dependents may block.
 */
public final class AsyncJobHandle {
  private final JobCalls calls;
  private final String id;
  private final @Nullable String runId;

  AsyncJobHandle(JobCalls calls, String id, @Nullable String runId) {
    this.calls = calls;
    this.id = id;
    this.runId = runId;
  }

  public String id() {
    return id;
  }

  public Optional<String> runId() {
    return Optional.ofNullable(runId);
  }

  /** {@link JobHandle#describe}. */
  public CompletableFuture<JobDescription> describe() {
    return Blocking.future(calls.describe(id, runId));
  }

  /** {@link JobHandle#result(Class)}. */
  public <T> CompletableFuture<@Nullable T> result(Class<T> type) {
    return Blocking.future(outcome(type, null));
  }

  /** {@link JobHandle#cancel}. */
  public CompletableFuture<@Nullable Void> cancel(@Nullable String reason) {
    return Blocking.future(control("cancel", reason));
  }

  /** {@link JobHandle#terminate}. */
  public CompletableFuture<@Nullable Void> terminate(@Nullable String reason) {
    return Blocking.future(control("terminate", reason));
  }

  /** {@link JobHandle#pause}. */
  public CompletableFuture<@Nullable Void> pause(@Nullable String reason) {
    return Blocking.future(control("pause", reason));
  }

  /** {@link JobHandle#unpause}. */
  public CompletableFuture<@Nullable Void> unpause(@Nullable String reason) {
    return Blocking.future(control("unpause", reason));
  }

  /** {@link JobHandle#reset}. */
  public CompletableFuture<@Nullable Void> reset(ResetOptions options, @Nullable String reason) {
    return Blocking.future(reset(options.body(reason)));
  }

  /** {@link JobHandle#retryNow}. */
  public CompletableFuture<@Nullable Void> retryNow(@Nullable String reason) {
    return Blocking.future(control("retry-now", reason));
  }

  /** {@link JobHandle#rerun}. */
  public CompletableFuture<JobHandle> rerun(@Nullable String reason) {
    return Blocking.future(again(reason));
  }

  /** {@link JobHandle#updateOptions}. */
  public CompletableFuture<JobDescription> updateOptions(OptionsUpdate update) {
    return Blocking.future(change(update));
  }

  /** {@link JobHandle#complete}. */
  public CompletableFuture<@Nullable Void> complete(@Nullable Object result) {
    return Blocking.future(report("complete", "result", result));
  }

  /** {@link JobHandle#fail}. */
  public CompletableFuture<@Nullable Void> fail(ApplicationFailure failure) {
    return Blocking.future(failing(failure));
  }

  /** {@link JobHandle#heartbeat}. */
  public CompletableFuture<Requested> heartbeat(@Nullable Object details) {
    return Blocking.future(beat(details));
  }

  /** {@link JobHandle#delete}. */
  public CompletableFuture<@Nullable Void> delete() {
    return Blocking.future(calls.delete(id, runId));
  }

  JobCalls calls() {
    return calls;
  }

  /**
   * @param timeout null = none
   * @return fails with a {@link java.util.concurrent.TimeoutException} when that is over
   */
  <T> Future<@Nullable T> outcome(Class<T> type, @Nullable Duration timeout) {
    return calls.result(id, runId, timeout).map(answer -> calls.valueOf(answer, type));
  }

  Future<@Nullable Void> control(String verb, @Nullable String reason) {
    ObjectNode body = Json.object();
    WireFormat.put(body, "reason", reason);
    return control(verb, body).mapEmpty();
  }

  Future<@Nullable Void> reset(ObjectNode body) {
    return control("reset", body).mapEmpty();
  }

  Future<JobHandle> again(@Nullable String reason) {
    ObjectNode body = Json.object();
    WireFormat.put(body, "reason", reason);
    return control("rerun", body).map(job -> calls.handle(job, true));
  }

  Future<JobDescription> change(OptionsUpdate update) {
    ObjectNode body = update.body();
    WireFormat.put(body, "runId", runId);
    body.put("requestId", UUID.randomUUID().toString());
    return calls.update(id, body);
  }

  Future<@Nullable Void> report(String verb, String name, @Nullable Object value) {
    return control(verb, calls.json().put(Json.object(), name, value)).mapEmpty();
  }

  Future<@Nullable Void> failing(ApplicationFailure failure) {
    ObjectNode body = Json.object();
    body.set("failure", Failures.json(failure, calls.json()));
    return control("fail", body).mapEmpty();
  }

  Future<Requested> beat(@Nullable Object details) {
    ObjectNode body = calls.json().put(Json.object(), "details", details);
    WireFormat.put(body, "runId", runId);
    return calls.control(id, "heartbeat", body).map(Requested::of);
  }

  private Future<JsonNode> control(String verb, ObjectNode body) {
    WireFormat.put(body, "runId", runId);
    body.put("requestId", UUID.randomUUID().toString());
    return calls.control(id, verb, body);
  }
}
