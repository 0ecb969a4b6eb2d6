package dev.postrider;

import dev.postrider.api.ApiOptions;
import dev.postrider.api.ApiVerticle;
import dev.postrider.config.DeliveryConfig;
import dev.postrider.config.LimitsConfig;
import dev.postrider.delivery.DeliveryWorker;
import dev.postrider.delivery.WebhookSender;
import dev.postrider.dispatch.Jobs;
import dev.postrider.dispatch.Queues;
import dev.postrider.dispatch.ReportLimits;
import dev.postrider.dispatch.Tasks;
import dev.postrider.event.EventTail;
import dev.postrider.event.JobStreams;
import dev.postrider.store.TimerListener;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one event loop serves, over its own link to Redis: the API, the calls that wait,
 * and its share of the deliveries. Listening, working and stopping are steps of their own, so that
 * a node takes each of them on all loops before the next.
 */
final class ServingVerticle extends VerticleBase {
  private final Node node;
  private final String loop;
  private final TimerListener timers;
  private volatile @Nullable Parts parts;
  private @Nullable ApiVerticle api;
  private volatile @Nullable DeliveryWorker worker;

  /**
   * @param loop unique within the node
   * @param timers is told of every timer that a call arms
   */
  ServingVerticle(Node node, String loop, TimerListener timers) {
    this.node = node;
    this.loop = loop;
    this.timers = timers;
  }

  private record Parts(
      LoopStore store, EventTail tail, Jobs jobs, Tasks tasks, Queues queues, JobStreams streams) {}

  /** Counts as started when Redis is reached; nothing is served yet. */
  @Override
  public Future<?> start() {
    LoopStore store = LoopStore.open(vertx, node, loop, timers);
    LimitsConfig limits = node.config().limits();
    EventTail tail = new EventTail(vertx, store.log(), node.wakeups());
    ReportLimits reports =
        new ReportLimits(
            limits.maxResultBytes(), limits.maxHeartbeatDetailsBytes(), limits.maxFailureBytes());
    Jobs jobs =
        new Jobs(
            vertx,
            store.jobs(),
            tail,
            node.waiterPlaces(),
            reports,
            limits.maxListScan(),
            node.metrics());
    Tasks tasks =
        new Tasks(
            vertx,
            store.jobs(),
            node.wakeups(),
            node.pollPlaces(),
            limits.maxPollBytes(),
            reports,
            node.metrics());
    JobStreams streams = new JobStreams(store.jobs(), store.log(), tail, node.streamPlaces());
    parts = new Parts(store, tail, jobs, tasks, new Queues(store.queues()), streams);
    return store.up();
  }

  /** Serves the API. */
  Future<Integer> listen(ApiOptions options) {
    return onLoop(
        () -> {
          Parts made = parts();
          ApiVerticle listener =
              new ApiVerticle(
                  options,
                  v -> new ApiVerticle.Parts(made.jobs, made.tasks, made.queues, made.streams));
          api = listener;
          listener.init(vertx, context);
          return Future.succeededFuture()
              .compose(ignored -> listener.start())
              .map(ignored -> listener.port());
        });
  }

  /**
   * Delivers.
   *
   * @param maxInFlight this loop's share
   */
  Future<Void> work(WebhookSender sender, int maxInFlight) {
    return onLoop(
        () -> {
          DeliveryConfig delivery = node.config().delivery();
          Parts made = parts();
          worker =
              DeliveryWorker.start(
                  vertx,
                  made.tasks,
                  made.store.registry(),
                  node.wakeups(),
                  sender,
                  Set.copyOf(delivery.taskQueues()),
                  "postrider/" + node.name(),
                  maxInFlight,
                  node.metrics());
          return Future.succeededFuture();
        });
  }

  /**
   * Takes no new requests, answers those that wait, lets those under way end, and hands back what
   * could not be answered.
   */
  Future<Void> stopListening() {
    return onLoop(
        () -> {
          ApiVerticle listener = api;
          Future<?> stopped =
              listener == null
                  ? Future.succeededFuture()
                  : Future.succeededFuture().compose(ignored -> listener.stop());
          parts().tasks.close();
          parts().jobs.close();
          return stopped.transform(ignored -> parts().tasks.settled());
        });
  }

  /** Leases nothing more, gives deliveries their grace, and hands the rest back. */
  Future<Void> stopWorking() {
    return onLoop(
        () -> {
          DeliveryWorker working = worker;
          return working == null
              ? Future.succeededFuture()
              : working.stop(node.config().delivery().shutdownGrace());
        });
  }

  @Override
  public Future<?> stop() {
    Parts made = parts;
    if (made == null) {
      return Future.succeededFuture();
    }
    made.tail.close();
    return made.store.close();
  }

  int deliveriesInFlight() {
    DeliveryWorker working = worker;
    return working == null ? 0 : working.inFlight();
  }

  boolean isReady() {
    Parts made = parts;
    return made != null && made.store.link().isUp();
  }

  private Parts parts() {
    Parts made = parts;
    if (made == null) {
      throw new IllegalStateException("not started");
    }
    return made;
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> step) {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        ignored -> Future.succeededFuture().compose(go -> step.get()).onComplete(done));
    return done.future();
  }
}
