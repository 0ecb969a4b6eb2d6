package dev.postrider.client;

import io.vertx.core.Future;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes tasks from queues and runs handlers for them, from {@link Builder#start} to {@link #stop}.
 * While the service is away it tries again, every three seconds at least; a report is made until it
 * is answered.
 */
public final class Worker implements AutoCloseable {
  private final String name;
  private final WorkerLoop loop;
  private final Duration grace;
  private final Runnable afterwards;
  private final JobClient client;

  private Worker(
      String name, WorkerLoop loop, Duration grace, Runnable afterwards, JobClient client) {
    this.name = name;
    this.loop = loop;
    this.grace = grace;
    this.afterwards = afterwards;
    this.client = client;
  }

  /** What it calls itself to the service; shown with each attempt. */
  public String name() {
    return name;
  }

  /**
   * Takes no more tasks, lets the handlers that run end within {@code grace}, and hands the rest
   * back, which costs them no attempt; their threads are interrupted.
   *
   * @return when it has stopped
   */
  public CompletableFuture<@Nullable Void> stop(Duration grace) {
    return Blocking.future(end(grace));
  }

  /** {@link #stop} with the worker's own period of grace; waits for it. */
  @Override
  public void close() {
    Blocking.await(end());
  }

  Future<@Nullable Void> end() {
    return end(grace);
  }

  private Future<@Nullable Void> end(Duration within) {
    return loop.stop(within)
        .<@Nullable Void>mapEmpty()
        .onComplete(
            done -> {
              afterwards.run();
              client.stopped(this);
            });
  }

  /** Makes a {@link Worker}. */
  public static final class Builder {
    private static final int DEFAULT_CONCURRENCY = 10;
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);
    private static final long IDLE_THREAD_SECONDS = 30;

    private final JobClient client;
    private final List<String> queues;
    private final Function<WorkerSettings, WorkerLoop> loops;
    private final Map<String, Registration<?>> handlers = new LinkedHashMap<>();
    private String name =
        ManagementFactory.getRuntimeMXBean().getName()
            + "-"
            + UUID.randomUUID().toString().substring(0, 8);
    private int concurrency = DEFAULT_CONCURRENCY;
    private Duration grace = DEFAULT_GRACE;
    private @Nullable Double maxTasksPerSecond;
    private @Nullable Executor executor;

    Builder(JobClient client, List<String> queues, Function<WorkerSettings, WorkerLoop> loops) {
      this.client = client;
      this.queues = queues.stream().distinct().toList();
      this.loops = loops;
    }

    /**
     * Has a type of job done. A task of a type without handler fails as {@code
     * activity_not_registered} and is tried again as its retry policy says.
     *
     * @param input what the handler takes: a class that the object mapper can read, {@link
     *     com.fasterxml.jackson.databind.JsonNode} for whatever there is, {@link Void} for nothing
     */
    public <I> Builder handle(String type, Class<I> input, TaskHandler<I> handler) {
      handlers.put(type, new Registration<>(input, handler));
      return this;
    }

    /**
     * What the worker calls itself, 1 to 1000 bytes, not beginning with {@code postrider/};
     * process, host and a random part by default. Two workers must not share a name: they would
     * take each other's notices.
     */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** How many tasks it holds at once, over all its queues; 10 by default. */
    public Builder concurrency(int tasks) {
      this.concurrency = tasks;
      return this;
    }

    /** How many tasks it is given in a second at most, 0.1 or more; any number by default. */
    public Builder maxTasksPerSecond(double tasks) {
      this.maxTasksPerSecond = tasks;
      return this;
    }

    /** How long {@link #close} lets handlers run on; 10 s by default. */
    public Builder grace(Duration grace) {
      this.grace = grace;
      return this;
    }

    /**
     * Where handlers run: by default on up to as many threads of the worker's own as it holds
     * tasks.
     */
    public Builder executor(Executor executor) {
      this.executor = executor;
      return this;
    }

    /**
     * Starts it.
     *
     * @throws IllegalArgumentException if there is no handler, less concurrency than queues, or a
     *     name or rate that the service would refuse
     */
    public Worker start() {
      if (handlers.isEmpty()) {
        throw new IllegalArgumentException("a worker needs a handler");
      }
      if (concurrency < queues.size()) {
        throw new IllegalArgumentException(
            "concurrency must be at least the number of queues: " + concurrency);
      }
      Executor threads = executor;
      Runnable afterwards = () -> {};
      if (threads == null) {
        ThreadPoolExecutor own = threads();
        threads = own;
        afterwards = own::shutdown;
      }
      WorkerSettings settings =
          new WorkerSettings(
              client.namespace(),
              name,
              queues,
              Map.copyOf(handlers),
              concurrency,
              maxTasksPerSecond,
              threads);
      Worker worker = new Worker(name, loops.apply(settings), grace, afterwards, client);
      client.started(worker);
      worker.loop.start();
      return worker;
    }

    private ThreadPoolExecutor threads() {
      AtomicInteger count = new AtomicInteger();
      ThreadPoolExecutor threads =
          new ThreadPoolExecutor(
              concurrency,
              concurrency,
              IDLE_THREAD_SECONDS,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              run -> new Thread(run, "postrider-task-" + count.incrementAndGet()));
      threads.allowCoreThreadTimeOut(true);
      return threads;
    }
  }
}
