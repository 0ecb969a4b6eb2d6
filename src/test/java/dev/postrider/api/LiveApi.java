package dev.postrider.api;

import dev.postrider.config.RedisConfig;
import dev.postrider.dispatch.Jobs;
import dev.postrider.dispatch.Queues;
import dev.postrider.dispatch.ReportLimits;
import dev.postrider.dispatch.Tasks;
import dev.postrider.dispatch.Wakeups;
import dev.postrider.event.EventTail;
import dev.postrider.event.JobStreams;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.metrics.Metrics;
import dev.postrider.redis.RedisConnector;
import dev.postrider.redis.RedisLink;
import dev.postrider.redis.Subscription;
import dev.postrider.store.Duties;
import dev.postrider.store.EventLog;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.TimerListener;
import dev.postrider.store.redis.RedisDuties;
import dev.postrider.store.redis.RedisEventLog;
import dev.postrider.store.redis.RedisJobStore;
import dev.postrider.store.redis.RedisTaskQueues;
import dev.postrider.store.redis.ScriptRunner;
import dev.postrider.store.redis.StoreSettings;
import dev.postrider.store.redis.WakeupMessages;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The API over a real Redis on one event loop, and its store for those who play the worker. */
final class LiveApi {

  /** What the configuration would have for the queues of the nodes' own workers. */
  static final int MAX_IN_FLIGHT_PER_DESTINATION = 32;

  private static final int PATIENCE_SECONDS = 30;

  private final Vertx vertx;
  private final Context loop;
  private final RedisServer redis;
  private final int partitions;
  private ApiClient client;
  private JobStore store;
  private EventLog log;
  private Duties duties;
  private TaskQueues queues;
  private Semaphore pollPlaces;
  private Tasks tasks;

  private LiveApi(Vertx vertx, RedisServer redis, int partitions) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.redis = redis;
    this.partitions = partitions;
  }

  static LiveApi start(Vertx vertx, RedisServer redis, int partitions, int places)
      throws Exception {
    LiveApi live = new LiveApi(vertx, redis, partitions);
    // A turn of the loop for each: all of it at once, its classes loaded for the first time, would
    // keep a busy machine's loop longer than a turn may take.
    RedisConnector connector = new RedisConnector(vertx, RedisConfig.DEFAULT, redis.url());
    RedisLink link = live.await(() -> Future.succeededFuture(RedisLink.open(connector, "test")));
    live.await(() -> link.firstUp());
    ScriptRunner runner = ScriptRunner.of(link);
    live.await(() -> live.open(runner));
    Wakeups wakeups = new Wakeups();
    live.await(() -> live.subscribe(connector, wakeups));
    ApiVerticle.Parts parts = live.await(() -> live.parts(wakeups, places));
    ApiOptions options = new ApiOptions("127.0.0.1", 0, "http://127.0.0.1:8081", ApiLimits.DEFAULT);
    ApiVerticle api = new ApiVerticle(options, v -> parts);
    api.init(vertx, live.loop);
    live.await(() -> api.start().mapEmpty());
    live.client = new ApiClient(api.port());
    return live;
  }

  private Future<Void> open(ScriptRunner runner) {
    StoreSettings settings =
        new StoreSettings(
            partitions,
            "n1",
            "0",
            20,
            Duration.ofDays(7),
            MAX_IN_FLIGHT_PER_DESTINATION,
            Duration.ofSeconds(5),
            null);
    SecureRandom random = new SecureRandom();
    store = new RedisJobStore(vertx, runner, settings, random, TimerListener.NONE);
    log = new RedisEventLog(vertx, runner, settings, random);
    duties = new RedisDuties(vertx, runner, settings, random, 8 << 20);
    queues =
        new RedisTaskQueues(vertx, runner, settings, random, ApiLimits.DEFAULT.maxQueueEntries());
    return Future.succeededFuture();
  }

  private Future<Void> subscribe(RedisConnector connector, Wakeups wakeups) {
    Promise<Void> subscribed = Promise.promise();
    WakeupMessages messages = new WakeupMessages(partitions);
    Subscription.open(
        connector,
        "test-wake",
        messages.channels(),
        new Subscription.Listener() {
          @Override
          public void subscribed() {
            subscribed.tryComplete();
          }

          @Override
          public void lost() {}

          @Override
          public void message(String channel, Buffer payload) {
            messages.read(channel, payload).ifPresent(wakeups::handle);
          }
        });
    return subscribed.future();
  }

  private Future<ApiVerticle.Parts> parts(Wakeups wakeups, int places) {
    EventTail tail = new EventTail(vertx, log, wakeups);
    ReportLimits limits = new ReportLimits(1 << 20, 1 << 18, 1 << 14);
    Jobs jobs = new Jobs(vertx, store, tail, new Semaphore(places), limits, 10_000, new Metrics());
    pollPlaces = new Semaphore(places);
    tasks = new Tasks(vertx, store, wakeups, pollPlaces, 16 << 20, limits, new Metrics());
    return Future.succeededFuture(
        new ApiVerticle.Parts(
            jobs,
            tasks,
            new Queues(queues),
            new JobStreams(store, log, tail, new Semaphore(places))));
  }

  ApiClient client() {
    return client;
  }

  Tasks tasks() {
    return tasks;
  }

  JobStore store() {
    return store;
  }

  EventLog log() {
    return log;
  }

  /** Lets the duties of time work until something is so. */
  void settle(BooleanSupplier so) {
    long givesUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!so.getAsBoolean()) {
      if (System.nanoTime() > givesUpAt) {
        throw new IllegalStateException("it did not become so");
      }
      for (int partition = 0; partition < partitions; partition++) {
        int each = partition;
        await(() -> duties.reap(each));
      }
    }
  }

  /** How many more polls may be parked. */
  int freePolls() {
    return pollPlaces.availablePermits();
  }

  /** Leases one task as a worker would. */
  Task lease(String queue) {
    List<Task> tasks =
        await(
            () ->
                store
                    .lease(new LeaseRequest(new TaskQueue("default", queue), 1, "w1", false))
                    .map(leased -> leased.tasks()));
    if (tasks.isEmpty()) {
      throw new IllegalStateException("nothing to lease from " + queue);
    }
    return tasks.get(0);
  }

  /** Calls the store on its event loop. */
  <T> T await(Supplier<Future<T>> call) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(
        go -> Future.succeededFuture().compose(ignored -> call.get()).onComplete(done));
    try {
      return done.future().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Every key with a digest of its value, but for what a loop notes to know its repeated calls. */
  Object keyspace() {
    return redis.call(
        "EVAL",
        "local all = {} "
            + "for _, key in ipairs(redis.call('KEYS', '*')) do if not key:find('}lr:', 1, true) then "
            + "all[#all + 1] = key .. ' ' .. redis.sha1hex(redis.call('DUMP', key)) end end "
            + "table.sort(all) return all",
        "0");
  }
}
