package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A task that this worker holds. */
final class RunningTask implements TaskContext {
  private final Task task;
  private final String token;
  private final @Nullable JsonNode input;
  private final Json json;
  private final Reports reports;
  private final Context loop;
  private final BooleanSupplier stopping;
  private final Promise<Void> over = Promise.promise();
  private volatile @Nullable JsonNode heartbeatDetails;
  private volatile Requested requested = Requested.NOTHING;
  private volatile boolean later;
  private volatile boolean givenUp;
  private volatile boolean reporting;
  private boolean begun;
  private @Nullable Thread thread;
  private Future<?> lastHeartbeat = Future.succeededFuture(); // touched on the loop alone

  RunningTask(JsonNode leased, Json json, Reports reports, Context loop, BooleanSupplier stopping) {
    this.task = Task.of(leased);
    this.token = leased.path("token").asText();
    this.input = leased.get("input");
    this.heartbeatDetails = leased.get("heartbeatDetails");
    this.json = json;
    this.reports = reports;
    this.loop = loop;
    this.stopping = stopping;
  }

  /** Runs a handler on this thread; {@code ended} is told once, on whatever thread. */
  void run(Registration<?> registration, Consumer<Ending> ended) {
    if (!begin()) {
      return;
    }
    Ending ending = null;
    try {
      Object result = registration.call(this, input, json);
      if (later) {
        ending = new Ending.Silent("somebody else will complete it");
      } else if (result instanceof CompletionStage<?> stage) {
        stage.whenComplete(
            (value, thrown) ->
                ended.accept(
                    thrown == null ? Ending.completed(value, json) : Ending.failed(thrown, json)));
      } else {
        ending = Ending.completed(result, json);
      }
    } catch (Throwable thrown) {
      ending = Ending.failed(thrown, json);
    } finally {
      leave();
    }
    if (ending != null) {
      ended.accept(ending);
    }
  }

  private synchronized boolean begin() {
    if (givenUp) {
      return false;
    }
    begun = true;
    thread = Thread.currentThread();
    return true;
  }

  private synchronized void leave() {
    thread = null;
    // An interrupt was meant for this task, not for the next one of the thread.
    boolean ignored = Thread.interrupted();
  }

  synchronized boolean hasBegun() {
    return begun;
  }

  /** Does not wait for the handler any longer, and tells it so, once. */
  synchronized void giveUp() {
    boolean again = givenUp;
    givenUp = true;
    if (thread != null && !again) {
      thread.interrupt();
    }
  }

  boolean isGivenUp() {
    return givenUp;
  }

  /** Its end is being told. */
  void reporting() {
    reporting = true;
  }

  boolean isReporting() {
    return reporting;
  }

  String token() {
    return token;
  }

  /** What is asked of it now. */
  void notice(Requested now) {
    requested = now;
  }

  /** When the worker is done with it. */
  Future<Void> over() {
    return over.future();
  }

  void finish() {
    over.tryComplete();
  }

  /** When all its heartbeats have been answered. */
  Future<?> heartbeats() {
    return lastHeartbeat.transform(ignored -> Future.succeededFuture());
  }

  @Override
  public Task task() {
    return task;
  }

  @Override
  public void heartbeat(@Nullable Object details) {
    Requested answer = Blocking.await(beat(details));
    if (answer.cancel()) {
      throw new CanceledFailure();
    }
  }

  @Override
  public CompletableFuture<Requested> heartbeatAsync(@Nullable Object details) {
    return Blocking.future(beat(details));
  }

  private Future<Requested> beat(@Nullable Object details) {
    ObjectNode body = json.put(Json.object(), "details", details);
    Promise<Requested> answered = Promise.promise();
    loop.runOnContext(
        go -> {
          Future<Requested> sent = lastHeartbeat.transform(ignored -> send(body));
          lastHeartbeat = sent;
          sent.onComplete(answered);
        });
    return answered.future();
  }

  private Future<Requested> send(ObjectNode body) {
    return reports
        .report(token, "heartbeat", body, null, Persistence.of(this))
        .map(
            answer -> {
              if (body.has("details")) {
                heartbeatDetails = body.get("details");
              }
              Requested now = Requested.of(answer);
              requested = now;
              return now;
            });
  }

  @Override
  public <T> Optional<T> heartbeatDetails(Class<T> type) {
    return Optional.ofNullable(json.readOrRefuse(heartbeatDetails, type));
  }

  @Override
  public boolean isCancelRequested() {
    return requested.cancel();
  }

  @Override
  public boolean isPauseRequested() {
    return requested.pause();
  }

  @Override
  public boolean isResetRequested() {
    return requested.reset();
  }

  @Override
  public boolean isStopping() {
    return stopping.getAsBoolean();
  }

  @Override
  public String completeLater() {
    later = true;
    return token;
  }
}
