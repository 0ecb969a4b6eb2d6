package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's event loop: takes tasks as long as there is room, has handlers run elsewhere, reports.
 *
 * <p>Room is taken before it is asked for, and held until the report is answered, so that no task
 * waits here for a thread while its time runs. A report brings the next task along where its queue
 * has no poll under way: a busy worker makes one call per task.
 */
final class WorkerLoop {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLoop.class);

  /** What has not been answered by then is given up by a worker that stops. */
  private static final Duration LAST_CALLS = Duration.ofSeconds(2);

  private final Context loop;
  private final WorkerSettings settings;
  private final Http http;
  private final Reports reports;
  private final TaskReporter reporter;
  private final Json json;
  private final QueuePolls polls;
  private final Map<String, RunningTask> running = new HashMap<>();
  private final EarlyNotices early = new EarlyNotices();
  private volatile boolean stopping;
  private @Nullable Future<Void> stopped;

  /**
   * @param http connections of its own, for its polls; closed when it stops
   * @param reports over connections that others may share
   */
  WorkerLoop(Vertx vertx, WorkerSettings settings, Http http, Reports reports, Json json) {
    this.loop = Loops.create(vertx);
    this.settings = settings;
    this.http = http;
    this.reports = reports;
    this.reporter = new TaskReporter(reports);
    this.json = json;
    this.polls = new QueuePolls(vertx, http, settings, this::take);
  }

  void start() {
    loop.runOnContext(go -> fill());
  }

  /** Takes no more tasks, lets handlers end within {@code grace}, hands back the rest. */
  Future<Void> stop(Duration grace) {
    Promise<Void> done = Promise.promise();
    loop.runOnContext(
        go -> {
          if (stopped == null) {
            stopping = true;
            stopped = end(System.nanoTime() + grace.toNanos());
          }
          stopped.onComplete(done);
        });
    return done.future();
  }

  private void fill() {
    if (!stopping) {
      polls.fill(!running.isEmpty());
    }
  }

  /** Takes what an answer has brought. */
  private void take(JsonNode answer) {
    for (JsonNode notice : answer.path("notices")) {
      String token = notice.path("token").asText();
      RunningTask task = running.get(token);
      if (task == null) {
        early.keep(token, Requested.of(notice));
      } else {
        task.notice(Requested.of(notice));
      }
    }
    for (JsonNode leased : answer.path("tasks")) {
      RunningTask task;
      try {
        task = new RunningTask(leased, json, reports, loop, () -> stopping);
      } catch (RuntimeException e) {
        unreadable(leased, e);
        continue;
      }
      begin(task);
    }
    fill();
  }

  /** One task that makes no sense must not cost the others of its answer. */
  private void unreadable(JsonNode leased, RuntimeException cause) {
    LOG.error("task.not_readable job={}", leased.path("jobId").asText(), cause);
    Ending.Report report =
        Ending.failure(Failures.json("task_not_readable", cause.toString(), false), cause);
    reports
        .report(
            leased.path("token").asText(),
            report.verb(),
            report.body(),
            null,
            again -> !stopping && Retry.isTransient(again))
        .onComplete(
            ignored -> {
              polls.free(1);
              fill();
            });
  }

  private void begin(RunningTask task) {
    running.put(task.token(), task);
    early.take(task.token()).ifPresent(task::notice);
    if (stopping) {
      handBack(List.of(task));
      return;
    }
    Registration<?> handler = settings.handlerOf(task.task().type());
    try {
      settings.executor().execute(() -> task.run(handler, ending -> over(task, ending)));
      polls.accepted(task.task().taskQueue());
    } catch (RejectedExecutionException e) {
      LOG.warn("task.not_run job={} cause={}", task.task().jobId(), e.toString());
      polls.rejected(task.task().taskQueue(), e);
      handBack(List.of(task));
    }
  }

  /** On whatever thread a handler has ended. */
  private void over(RunningTask task, Ending ending) {
    try {
      loop.runOnContext(go -> ended(task, ending));
    } catch (RejectedExecutionException e) {
      // The client was closed without waiting for this handler; its task has been handed back.
      LOG.debug("task.not_reported job={} because=the client is closed", task.task().jobId());
    }
  }

  private void ended(RunningTask task, Ending ending) {
    if (task.isGivenUp()) {
      return;
    }
    if (ending instanceof Ending.Silent silent) {
      LOG.debug("task.not_reported job={} because={}", task.task().jobId(), silent.why());
      release(task);
      return;
    }
    boolean more = !stopping && polls.mayBring(task.task().taskQueue());
    ObjectNode next = more ? settings.ask(1, Duration.ZERO) : null;
    reporter
        .report(task, (Ending.Report) ending, next)
        .onComplete(
            answer -> {
              running.remove(task.token());
              polls.free(1 - answer.path("tasks").size());
              take(answer);
              // Last: a worker that stops must find what the answer has brought.
              task.finish();
            },
            lost -> release(task));
  }

  private void release(RunningTask task) {
    running.remove(task.token());
    polls.free(1);
    fill();
    task.finish();
  }

  private Future<Void> end(long deadline) {
    handBack(running.values().stream().filter(task -> !task.hasBegun()).toList());
    return onLoop(polls.settle())
        .transform(
            ignored -> {
              http.close();
              return bounded(allOver(), Duration.ofNanos(deadline - System.nanoTime()));
            })
        .transform(ignored -> bounded(giveUpRest(), LAST_CALLS));
  }

  private Future<?> giveUpRest() {
    List<RunningTask> rest = List.copyOf(running.values());
    rest.forEach(RunningTask::giveUp);
    handBack(rest.stream().filter(task -> !task.isReporting()).toList());
    return Future.join(rest.stream().map(RunningTask::over).toList());
  }

  private Future<?> allOver() {
    return Future.join(running.values().stream().map(RunningTask::over).toList());
  }

  /** Whatever becomes of it, and no later than that. */
  private Future<Void> bounded(Future<?> future, Duration bound) {
    if (future.isComplete() || bound.toMillis() <= 0) {
      return Future.succeededFuture();
    }
    return onLoop(future.timeout(bound.toMillis(), TimeUnit.MILLISECONDS))
        .transform(ignored -> Future.succeededFuture());
  }

  /** The same with its dependents on the loop; those of a timeout would run elsewhere. */
  private <T> Future<T> onLoop(Future<T> future) {
    Promise<T> here = Promise.promise();
    future.onComplete(
        value -> loop.runOnContext(go -> here.complete(value)),
        cause -> loop.runOnContext(go -> here.fail(cause)));
    return here.future();
  }

  private void handBack(List<RunningTask> tasks) {
    for (RunningTask task : tasks) {
      task.giveUp();
      task.reporting();
      reporter.handBack(task, LAST_CALLS).onComplete(ignored -> release(task));
    }
  }
}
