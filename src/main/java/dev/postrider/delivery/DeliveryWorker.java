package dev.postrider.delivery;

import dev.postrider.dispatch.Tasks;
import dev.postrider.job.Failure;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.job.WebhookInput;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.QueueRegistry;
import dev.postrider.store.Wakeup;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker that is built into each node: leases tasks of the queues it serves, in every
 * namespace, as long as it has room; works on all of them at once; reports.
 *
 * <p>One leasing call is under way at a time. What was leased is started at once and never waits
 * behind another task: that one destination does not take all the room is the store's business,
 * which counts each destination's tasks over all nodes.
 *
 * <p>Belongs to the Vert.x context that makes it.
 */
public final class DeliveryWorker {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryWorker.class);

  /** As many as one script takes. */
  private static final int MOST_PER_LEASE = 200;

  private static final Duration REST_AFTER_FAILURE = Duration.ofMillis(250);
  private static final Duration LAST_REPORTS = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final Tasks tasks;
  private final Map<String, TaskHandler> handlers;
  private final String name;
  private final int maxInFlight;
  private final Reporter reporter;
  private final DeliveryLog log;
  private final QueueWatch queues;
  private final WakeupSource.Registration registration;
  private final Map<TaskToken, InFlight> inFlight = new HashMap<>();
  private volatile int inFlightNow;
  private Future<?> leasing = Future.succeededFuture();
  private boolean stopping;

  /**
   * Starts the worker of an event loop, on the current one.
   *
   * @param served the names of the queues to lease from, in every namespace
   * @param name what this worker calls itself to the store
   * @param maxInFlight how many tasks may be under way here at once
   */
  public static DeliveryWorker start(
      Vertx vertx,
      Tasks tasks,
      QueueRegistry registry,
      WakeupSource wakeups,
      WebhookSender sender,
      Set<String> served,
      String name,
      int maxInFlight,
      Metrics metrics) {
    return new DeliveryWorker(
        vertx,
        tasks,
        registry,
        wakeups,
        Map.of(WebhookInput.TYPE, new WebhookHandler(sender)),
        served,
        name,
        maxInFlight,
        new DeliveryLog(metrics));
  }

  /**
   * @param handlers who does the work, by activity type
   * @param served the names of the queues to lease from
   * @param name what this worker calls itself to the store
   * @param maxInFlight how many tasks may be under way here at once
   */
  DeliveryWorker(
      Vertx vertx,
      Tasks tasks,
      QueueRegistry registry,
      WakeupSource wakeups,
      Map<String, TaskHandler> handlers,
      Set<String> served,
      String name,
      int maxInFlight,
      DeliveryLog log) {
    this.vertx = vertx;
    this.tasks = tasks;
    this.handlers = handlers;
    this.name = name;
    this.maxInFlight = maxInFlight;
    this.log = log;
    this.reporter = new Reporter(vertx, tasks);
    this.registration = wakeups.register(this::wake);
    this.queues = new QueueWatch(vertx, served, registry, wakeups, this::lease);
    tasks.takeAlong(this::waitingFor);
  }

  /**
   * Leases nothing more, lets what is under way end within {@code grace}, and hands the rest back.
   */
  public Future<Void> stop(Duration grace) {
    stopping = true;
    queues.close();
    return leasing
        .transform(ignored -> allOver(grace))
        .compose(ignored -> handBackRest())
        .eventually(
            () -> {
              registration.close();
              return Future.succeededFuture();
            });
  }

  /** How many tasks are under way; safe on any thread. */
  public int inFlight() {
    return inFlightNow;
  }

  private void lease() {
    int room = maxInFlight - inFlight.size();
    if (stopping || room <= 0 || !leasing.isComplete()) {
      return;
    }
    Optional<TaskQueue> next = queues.next();
    if (next.isEmpty()) {
      return;
    }
    follow(next.get(), tasks.lease(request(next.get(), room)));
  }

  /** Jobs are about to be started in a queue: the lease may go along. */
  private Optional<EagerLeases.Waiting> waitingFor(TaskQueue queue) {
    int room = maxInFlight - inFlight.size();
    if (stopping
        || room <= 0
        || !leasing.isComplete()
        || !queues.isServed(queue)
        || queues.isHeld(queue)) {
      return Optional.empty();
    }
    Promise<LeaseResult> leased = Promise.promise();
    follow(queue, leased.future());
    return Optional.of(new EagerLeases.Waiting(request(queue, room), leased::handle));
  }

  private LeaseRequest request(TaskQueue queue, int room) {
    return new LeaseRequest(queue, Math.min(room, MOST_PER_LEASE), name, true);
  }

  private void follow(TaskQueue queue, Future<LeaseResult> leased) {
    leasing = leased;
    long openings = queues.openings(queue);
    leased.onComplete(
        result -> leased(queue, result, openings),
        cause -> {
          LOG.debug("tasks.not_leased queue={} cause={}", queue, cause.toString());
          if (!stopping) {
            queues.markIn(queue, REST_AFTER_FAILURE);
          }
        });
    leased.onComplete(ignored -> lease());
  }

  private void leased(TaskQueue queue, LeaseResult result, long openings) {
    if (stopping) {
      handBack(result.tasks().stream().map(Task::token).toList());
      return;
    }
    result.tasks().forEach(this::begin);
    queues.learn(queue, result, openings);
  }

  private void begin(Task task) {
    InFlight started = new InFlight(task, handlerOf(task));
    inFlight.put(task.token(), started);
    inFlightNow = inFlight.size();
    started
        .work()
        .ending()
        .onSuccess(ending -> ended(started, ending))
        .onFailure(
            bug -> {
              LOG.error("delivery.broke job={}", task.token().key(), bug);
              ended(started, broke(bug));
            });
  }

  private void ended(InFlight ended, TaskHandler.Ending ending) {
    if (ended.isGivenUp()) {
      return;
    }
    Duration taken = ended.taken();
    reporter
        .report(ended.task().token(), ending, ended.left())
        .onSuccess(result -> log.attempted(ended.task(), ending, taken, result))
        .onFailure(cause -> log.unreported(ended.task(), ending, taken, cause))
        .onComplete(ignored -> over(ended));
  }

  private void over(InFlight ended) {
    ended.finish();
    inFlight.remove(ended.task().token(), ended);
    inFlightNow = inFlight.size();
    lease();
  }

  private void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Abort abort) {
      List<InFlight> meant =
          inFlight.values().stream()
              .filter(
                  held ->
                      held.task().token().key().equals(abort.key())
                          && held.task().token().nonce() == abort.nonce())
              .toList();
      for (InFlight held : meant) {
        held.giveUp();
        log.aborted(held.task(), held.taken());
        over(held);
      }
    }
  }

  private Future<Void> allOver(Duration grace) {
    List<Future<Void>> ends = inFlight.values().stream().map(InFlight::over).toList();
    Future<Void> all = Future.join(ends).mapEmpty();
    return all.isComplete() || grace.isZero()
        ? Future.succeededFuture()
        : Future.any(all, vertx.timer(grace.toMillis())).mapEmpty();
  }

  private Future<Void> handBackRest() {
    List<InFlight> rest = List.copyOf(inFlight.values());
    rest.forEach(InFlight::giveUp);
    inFlight.clear();
    return handBack(rest.stream().map(held -> held.task().token()).toList());
  }

  private Future<Void> handBack(List<TaskToken> tokens) {
    if (tokens.isEmpty()) {
      return Future.succeededFuture();
    }
    return tasks
        .handBack(tokens)
        .timeout(LAST_REPORTS.toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(lost -> LOG.info("deliveries.handed_back count={}", tokens.size() - lost.size()))
        .<Void>mapEmpty()
        .otherwise(
            cause -> {
              // They are tried again when this node counts as gone.
              LOG.warn("deliveries.not_handed_back count={} cause={}", tokens.size(), cause);
              return null;
            });
  }

  private TaskHandler handlerOf(Task task) {
    TaskHandler handler = handlers.get(task.type());
    return handler != null ? handler : UnknownActivity.HANDLER;
  }

  private static TaskHandler.Ending broke(Throwable bug) {
    String message = "The delivery could not be made: " + bug;
    return new TaskHandler.Failed(new Failure("internal", message, false, null, null, null), null);
  }
}
