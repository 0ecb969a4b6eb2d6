package dev.postrider.benchmarks;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.JobContent;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import dev.postrider.store.Completion;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.ReportResult;
import dev.postrider.store.StartResult;
import dev.postrider.store.UpdateLimitsResult;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Drives the store in batches of one size: so many starts, tasks or reports in one turn of the
 * event loop go out in one call.
 */
final class Workload {
  private static final TaskQueue QUEUE = new TaskQueue("default", "webhooks");
  private static final QueueControl CONTROL = new QueueControl(QUEUE, null, null);
  private static final int INPUT_BYTES = 200;

  /** What jobs are like. */
  enum Kind {
    /** An ordinary job with a start-to-close timeout, worked off over HTTP. */
    PLAIN,
    /** A webhook: destination, deadline, retry policy; delivered by the built-in worker. */
    WEBHOOK
  }

  /**
   * @param lanes fairness keys, taken in turn; 1 = the shared one
   * @param destinations taken in turn; of webhooks only
   * @param weight of each fairness key
   */
  record Shape(Kind kind, int lanes, int destinations, double weight) {
    static final Shape PLAIN = new Shape(Kind.PLAIN, 1, 0);

    Shape(Kind kind, int lanes, int destinations) {
      this(kind, lanes, destinations, 1.0);
    }
  }

  private final TestStore store;
  private final Shape shape;
  private final int batch;
  private final Deque<Task> leased = new ArrayDeque<>();
  private int started;

  Workload(TestStore store, Shape shape, int batch) {
    this.store = store;
    this.shape = shape;
    this.batch = batch;
  }

  /** One by Redis's clock, in a store that is empty. */
  static Workload on(
      Vertx vertx, RedisServer redis, Shape shape, int batch, int maxInFlightPerDestination) {
    redis.flush();
    TestStore.Options options =
        TestStore.Options.DEFAULT
            .withClockOfRedis()
            .withMaxInFlightPerDestination(maxInFlightPerDestination);
    return new Workload(new TestStore(vertx, redis, options), shape, batch);
  }

  /** Changes the limits of the queue. */
  Workload limit(LimitsChange change) {
    UpdateLimitsResult result = store.await(() -> store.taskQueues().updateLimits(CONTROL, change));
    if (!(result instanceof UpdateLimitsResult.Updated)) {
      throw new IllegalStateException("not changed: " + result);
    }
    return this;
  }

  Workload pause() {
    store.await(() -> store.taskQueues().pause(CONTROL));
    return this;
  }

  Workload unpause() {
    store.await(() -> store.taskQueues().unpause(CONTROL));
    return this;
  }

  /** Starts jobs in batches. */
  Workload start(int jobs) {
    for (int left = jobs; left > 0; left -= batch) {
      List<StartRequest> requests = new ArrayList<>();
      for (int i = 0; i < Math.min(batch, left); i++) {
        requests.add(request(started++));
      }
      for (StartResult result : all(requests.stream().map(this::starting).toList())) {
        if (!(result instanceof StartResult.Started)) {
          throw new IllegalStateException("not started: " + result);
        }
      }
    }
    return this;
  }

  private Supplier<Future<StartResult>> starting(StartRequest request) {
    return () -> store.jobs().start(request);
  }

  /** Asks for one batch of tasks. */
  LeaseResult lease() {
    LeaseRequest request = new LeaseRequest(QUEUE, batch, "worker-1", shape.kind() == Kind.WEBHOOK);
    LeaseResult result = store.await(() -> store.jobs().lease(request));
    leased.addAll(result.tasks());
    return result;
  }

  /** Leases that many tasks in batches. */
  Workload lease(int jobs) {
    for (int got = 0; got < jobs; ) {
      LeaseResult result = lease();
      got += result.tasks().size();
      if (result.tasks().isEmpty() && !result.more()) {
        throw new IllegalStateException("nothing left to lease after " + got + " of " + jobs);
      }
    }
    return this;
  }

  /** Asks until everything that is queued waits under a cap. */
  Workload parkAll() {
    while (lease().more()) {
      // each call takes a bounded number of lanes out of the way
    }
    return this;
  }

  /** Completes that many of the leased tasks in batches, the oldest first. */
  Workload complete(int jobs) {
    for (int left = jobs; left > 0; left -= batch) {
      List<Supplier<Future<ReportResult>>> calls = new ArrayList<>();
      for (int i = 0; i < Math.min(batch, left); i++) {
        Completion completion =
            new Completion(leased.remove().token(), Buffer.buffer("200"), response());
        calls.add(() -> store.jobs().complete(completion));
      }
      for (ReportResult result : all(calls)) {
        if (!(result instanceof ReportResult.Accepted)) {
          throw new IllegalStateException("not completed: " + result);
        }
      }
    }
    return this;
  }

  private <T> List<T> all(List<Supplier<Future<T>>> calls) {
    return store.await(() -> Future.all(calls.stream().map(Supplier::get).toList())).list();
  }

  private @Nullable DeliveryResponse response() {
    return shape.kind() == Kind.WEBHOOK
        ? new DeliveryResponse(200, 7, Buffer.buffer("{\"status\":\"ok\"}"))
        : null;
  }

  private StartRequest request(int index) {
    boolean webhook = shape.kind() == Kind.WEBHOOK;
    String key = shape.lanes() == 1 ? "" : "tenant-" + index % shape.lanes();
    return new StartRequest(
        new JobKey(QUEUE.namespace(), "deliver-evt_" + index),
        webhook ? "deliver-webhook" : "deliver",
        QUEUE.name(),
        webhook ? destination(index % shape.destinations()) : "",
        new JobOptions(
            webhook
                ? new Timeouts(Duration.ofHours(72), null, Duration.ofSeconds(15), null)
                : new Timeouts(null, null, Duration.ofMinutes(1), null),
            webhook
                ? new RetryPolicy(Duration.ofSeconds(1), 2.0, Duration.ofHours(6), 0, List.of(), 0)
                : RetryPolicy.DEFAULT,
            new Priority(3, key, shape.weight())),
        new JobContent(input(index), null, null, null),
        StartPolicies.DEFAULT,
        StartTime.NOW,
        false,
        null);
  }

  static String destination(int index) {
    return "https://hooks-" + index + ".example.org:443";
  }

  private static Buffer input(int index) {
    String head = "{\"orderId\":\"evt_" + index + "\",\"note\":\"";
    return Buffer.buffer(head + "x".repeat(INPUT_BYTES - head.length() - 2) + "\"}");
  }
}
