package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts jobs, finds them, and makes workers for them. One is enough for an application; it may be
 * used by any thread.
 *
 * <p>Its threads keep the JVM alive until {@link #close}.
 */
public final class JobClient implements AutoCloseable {
  /** Calls that are answered at once need few. */
  private static final int CONNECTIONS = 64;

  /** Each call that waits for a result has one to itself. */
  private static final int WAITING_CONNECTIONS = 1_000;

  private final ClientOptions options;
  private final Vertx vertx;
  private final Http http;
  private final Http waits;
  private final JobCalls calls;
  private final Reports reports;
  private final Json json;
  private final Set<Worker> workers = ConcurrentHashMap.newKeySet();

  private JobClient(ClientOptions options) {
    this.options = options;
    this.vertx = options.vertx != null ? options.vertx : ownVertx();
    this.json = new Json(options.objectMapper);
    this.http = new Http(vertx, options, CONNECTIONS);
    this.waits = new Http(vertx, options, WAITING_CONNECTIONS);
    Retry retry = new Retry(vertx);
    this.calls = new JobCalls(http, waits, retry, options, json);
    this.reports = new Reports(http, retry);
  }

  /**
   * A client of the service at a URL, {@code http://127.0.0.1:8080}. Connects when it is used.
   *
   * @throws IllegalArgumentException if it is no {@code http} or {@code https} URL
   */
  public static JobClient create(String url) {
    return create(ClientOptions.newBuilder(url).build());
  }

  /** A client with options. Connects when it is used. */
  public static JobClient create(ClientOptions options) {
    return new JobClient(options);
  }

  /**
   * Starts a job, and waits until it is accepted: it is kept then.
   *
   * @throws JobAlreadyStartedException if the policies do not allow another run of its id
   * @throws ProblemException if the service refuses it for another reason
   * @throws ServiceUnavailableException if there was no answer; the job may have been started then
   * @throws PostriderException if the input cannot be written as JSON
   */
  public JobHandle start(StartOptions start) {
    return Blocking.await(calls.start(start));
  }

  /** {@link #start} as a future; its dependents may block. */
  public CompletableFuture<JobHandle> startAsync(StartOptions start) {
    return Blocking.future(calls.start(start));
  }

  /** The latest run of an id; whether there is one, its methods will tell. */
  public JobHandle handle(String id) {
    return new JobHandle(new AsyncJobHandle(calls, id, null), false);
  }

  /** One run of an id. */
  public JobHandle handle(String id, String runId) {
    return new JobHandle(new AsyncJobHandle(calls, id, runId), false);
  }

  /**
   * The runs that match a filter, newest first, without input, result, heartbeat details and
   * attempts. Asks for the next page when it is reached.
   *
   * @param query {@code ExecutionStatus = 'Failed' AND TaskQueue = 'mail'}; empty = all
   */
  public Stream<JobDescription> list(String query) {
    return Stream.iterate(
            page(query, null),
            page -> page != null,
            page -> {
              String next = page.path("nextPageToken").asText("");
              return next.isEmpty() ? null : page(query, next);
            })
        .flatMap(page -> descriptions(page).stream());
  }

  /** A task that a handler has left to somebody else. */
  public TaskHandle task(String token) {
    return new TaskHandle(new AsyncTaskHandle(reports, json, options.patience, token));
  }

  /** A worker for the given queues, to be completed with its handlers and started. */
  public Worker.Builder newWorker(String taskQueue, String... more) {
    List<String> queues = new ArrayList<>();
    queues.add(taskQueue);
    queues.addAll(List.of(more));
    // One for each queue's poll, and one for notices.
    int connections = queues.size() + 1;
    return new Worker.Builder(
        this,
        queues,
        settings ->
            new WorkerLoop(vertx, settings, new Http(vertx, options, connections), reports, json));
  }

  /** Stops its workers, each within its own period of grace, and lets go of its connections. */
  @Override
  public void close() {
    Blocking.await(
        Future.join(workers.stream().map(Worker::end).toList())
            .transform(
                ignored -> {
                  http.close();
                  waits.close();
                  return options.vertx == null ? vertx.close() : Future.succeededFuture();
                }));
  }

  String namespace() {
    return options.namespace;
  }

  void started(Worker worker) {
    workers.add(worker);
  }

  void stopped(Worker worker) {
    workers.remove(worker);
  }

  private @Nullable JsonNode page(String query, @Nullable String token) {
    return Blocking.await(calls.list(query, token));
  }

  private List<JobDescription> descriptions(JsonNode page) {
    List<JobDescription> jobs = new ArrayList<>();
    page.path("jobs").forEach(job -> jobs.add(calls.description(job)));
    return jobs;
  }

  private static Vertx ownVertx() {
    return Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  }
}
