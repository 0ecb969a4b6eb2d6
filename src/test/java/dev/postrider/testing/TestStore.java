package dev.postrider.testing;

import dev.postrider.config.RedisConfig;
import dev.postrider.redis.RedisConnector;
import dev.postrider.redis.RedisLink;
import dev.postrider.store.Duties;
import dev.postrider.store.EventLog;
import dev.postrider.store.JobStore;
import dev.postrider.store.QueueRegistry;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.TimerListener;
import dev.postrider.store.redis.RedisDuties;
import dev.postrider.store.redis.RedisEventLog;
import dev.postrider.store.redis.RedisJobStore;
import dev.postrider.store.redis.RedisQueueRegistry;
import dev.postrider.store.redis.RedisTaskQueues;
import dev.postrider.store.redis.ScriptRunner;
import dev.postrider.store.redis.StoreSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A store on a real Redis whose clock stands still until a test moves it, and whose random bytes
 * are those of a seed.
 */
public final class TestStore {
  /** Where the clock stands at first, ms: 2026-01-01T00:00:00Z. */
  public static final long START_MS = 1_767_225_600_000L;

  private final Context context;
  private volatile long now = START_MS;

  private final JobStore jobs;
  private final Duties duties;
  private final EventLog events;
  private final QueueRegistry queues;
  private final TaskQueues taskQueues;

  /** How a store is made; the defaults are what most tests want. */
  public record Options(
      int partitions,
      String node,
      int maxInFlightPerDestination,
      int attemptsKept,
      Duration retention,
      long seed,
      boolean clockOfRedis,
      UnaryOperator<ScriptRunner> between) {
    public static final Options DEFAULT =
        new Options(1, "n1", 0, 20, Duration.ofDays(7), 1, false, UnaryOperator.identity());

    public Options withPartitions(int value) {
      return new Options(
          value,
          node,
          maxInFlightPerDestination,
          attemptsKept,
          retention,
          seed,
          clockOfRedis,
          between);
    }

    public Options withNode(String value) {
      return new Options(
          partitions,
          value,
          maxInFlightPerDestination,
          attemptsKept,
          retention,
          seed,
          clockOfRedis,
          between);
    }

    public Options withMaxInFlightPerDestination(int value) {
      return new Options(
          partitions, node, value, attemptsKept, retention, seed, clockOfRedis, between);
    }

    public Options withAttemptsKept(int value) {
      return new Options(
          partitions,
          node,
          maxInFlightPerDestination,
          value,
          retention,
          seed,
          clockOfRedis,
          between);
    }

    public Options withSeed(long value) {
      return new Options(
          partitions,
          node,
          maxInFlightPerDestination,
          attemptsKept,
          retention,
          value,
          clockOfRedis,
          between);
    }

    public Options withClockOfRedis() {
      return new Options(
          partitions,
          node,
          maxInFlightPerDestination,
          attemptsKept,
          retention,
          seed,
          true,
          between);
    }

    /** Puts something between the store and Redis, such as lost replies. */
    public Options withBetween(UnaryOperator<ScriptRunner> value) {
      return new Options(
          partitions,
          node,
          maxInFlightPerDestination,
          attemptsKept,
          retention,
          seed,
          clockOfRedis,
          value);
    }
  }

  /** As many entries as a map of limits may have. */
  public static final int MAX_QUEUE_ENTRIES = 5;

  private record Parts(
      JobStore jobs, Duties duties, EventLog events, QueueRegistry queues, TaskQueues taskQueues) {}

  public TestStore(Vertx vertx, RedisServer redis) {
    this(vertx, redis, Options.DEFAULT);
  }

  public TestStore(Vertx vertx, RedisServer redis, Options options) {
    RedisJobStore.loadScripts();
    context = vertx.getOrCreateContext();
    Random random = new Random(options.seed());
    Parts parts =
        await(
            () -> {
              RedisConnector connector =
                  new RedisConnector(vertx, RedisConfig.DEFAULT, redis.url());
              RedisLink link = RedisLink.open(connector, "test");
              ScriptRunner runner = options.between().apply(ScriptRunner.of(link));
              StoreSettings settings =
                  new StoreSettings(
                      options.partitions(),
                      options.node(),
                      "0",
                      options.attemptsKept(),
                      options.retention(),
                      options.maxInFlightPerDestination(),
                      Duration.ofSeconds(5),
                      options.clockOfRedis() ? null : () -> now);
              return link.firstUp()
                  .map(
                      up ->
                          new Parts(
                              new RedisJobStore(
                                  vertx, runner, settings, random, TimerListener.NONE),
                              new RedisDuties(vertx, runner, settings, random, 8 << 20),
                              new RedisEventLog(vertx, runner, settings, random),
                              new RedisQueueRegistry(vertx, runner, settings, random),
                              new RedisTaskQueues(
                                  vertx, runner, settings, random, MAX_QUEUE_ENTRIES)));
            });
    jobs = parts.jobs();
    duties = parts.duties();
    events = parts.events();
    queues = parts.queues();
    taskQueues = parts.taskQueues();
  }

  /** Its methods are to be called on {@link #await}'s event loop. */
  public JobStore jobs() {
    return jobs;
  }

  public Duties duties() {
    return duties;
  }

  public EventLog events() {
    return events;
  }

  public QueueRegistry queues() {
    return queues;
  }

  public TaskQueues taskQueues() {
    return taskQueues;
  }

  public long now() {
    return now;
  }

  public void setNow(long ms) {
    now = ms;
  }

  public void advance(Duration by) {
    setNow(now + by.toMillis());
  }

  /** Calls on the store's event loop and waits for what it brings. */
  public <T> T await(Supplier<Future<T>> call) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        ignored -> {
          try {
            call.get().onComplete(promise);
          } catch (RuntimeException e) {
            promise.fail(e);
          }
        });
    try {
      return promise.future().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException("the store did not answer", e);
    }
  }
}
