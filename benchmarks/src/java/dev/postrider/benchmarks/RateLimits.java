package dev.postrider.benchmarks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.postrider.benchmarks.Workload.Shape;
import dev.postrider.job.RateLimit;
import dev.postrider.job.Task;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Waits;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.StartTimes;
import dev.postrider.testing.TestStore;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures how near a queue's rate limit is kept to, with BullMQ's limiter beside it: one job
 * alone, most of a second later a backlog, worked off by several nodes.
 */
@Command(
    name = "rate-limit",
    mixinStandardHelpOptions = true,
    description = "How near a rate limit is kept to, beside BullMQ's.")
public final class RateLimits implements Callable<Integer> {

  private static final int BATCH = 50;

  /** From the first job to the backlog: late in BullMQ's window of a second. */
  private static final Duration LATER = Duration.ofMillis(870);

  /** How soon those look again whom a wake-up would tell. */
  private static final Duration IDLE = Duration.ofMillis(2);

  @Option(names = "--rates", split = ",", description = "Tasks a second (${DEFAULT-VALUE})")
  private List<Integer> rates = List.of(100, 1_000);

  @Option(names = "--seconds", description = "Of backlog (${DEFAULT-VALUE})")
  private int seconds = 10;

  @Option(names = "--nodes", description = "That lease at the same time (${DEFAULT-VALUE})")
  private int nodes = 3;

  @Option(names = "--rounds", description = "Rounds, of which the median (${DEFAULT-VALUE})")
  private int rounds = 5;

  @Option(names = "--bullmq", description = "Measure BullMQ too (needs Node.js)")
  private boolean bullMq;

  private final Vertx vertx = Vertx.vertx();
  private volatile boolean over;

  public static void main(String[] args) {
    // the links of the store complain when Redis ends
    ((Logger) LoggerFactory.getLogger("dev.postrider.redis")).setLevel(Level.ERROR);
    System.exit(new CommandLine(new RateLimits()).execute(args));
  }

  /**
   * One run.
   *
   * @param burst how many may come at once
   * @param all every start
   * @param backlog those of the backlog in the time that is measured
   */
  private record Run(int rate, int burst, int seconds, StartTimes all, StartTimes backlog) {

    static Run of(int rate, int burst, int seconds, StartTimes all) {
      Instant begun = all.between(all.first().plusMillis(1), all.last().plusMillis(1)).first();
      return new Run(rate, burst, seconds, all, all.between(begun, begun.plusSeconds(seconds)));
    }

    double allowed() {
      return burst + (double) rate * seconds;
    }

    double off() {
      return 100 * (backlog.count() - allowed()) / allowed();
    }

    /** By how much a second is off the rate on average, per cent; the first has the burst. */
    double meanError() {
      Instant begun = backlog.first();
      return IntStream.range(1, seconds)
          .map(i -> backlog.between(begun.plusSeconds(i), begun.plusSeconds(i + 1L)).count())
          .mapToDouble(count -> 100.0 * Math.abs(count - rate) / rate)
          .average()
          .orElse(Double.NaN);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (RedisServer redis = RedisServer.start()) {
      run(redis, 1_000, 100, Duration.ofSeconds(1));
      for (int rate : rates) {
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
          for (int burst : new int[] {1, Math.max(2, rate / 20), rate}) {
            StartTimes all = run(redis, rate, burst, Duration.ofSeconds(seconds));
            runs.computeIfAbsent("Postrider, burst " + burst, any -> new ArrayList<>())
                .add(Run.of(rate, burst, seconds, all));
          }
          if (bullMq) {
            redis.flush();
            StartTimes all = Peer.underLimit(redis, rate, seconds, nodes, (int) LATER.toMillis());
            runs.computeIfAbsent("BullMQ, max " + rate + " in 1 s", any -> new ArrayList<>())
                .add(Run.of(rate, rate, seconds, all));
          }
        }
        Table.head(
            "%,d a second, %d nodes".formatted(rate, nodes),
            "most in 200 ms",
            "most in 1 s",
            "too many in the worst stretch",
            "started in " + seconds + " s",
            "burst + rate × t",
            "off by %",
            "a second is off by %");
        runs.forEach(
            (name, list) ->
                Table.medians(
                    name,
                    list,
                    run -> run.all().most(Duration.ofMillis(200)),
                    run -> run.all().most(Duration.ofSeconds(1)),
                    run -> run.all().excess(run.burst(), run.rate()),
                    run -> run.backlog().count(),
                    Run::allowed,
                    Run::off,
                    Run::meanError));
      }
    }
    vertx.close();
    return 0;
  }

  private StartTimes run(RedisServer redis, int rate, int burst, Duration length)
      throws InterruptedException {
    redis.flush();
    Workload operator = node(redis, "operator");
    operator.limit(Limits.ofQueue(new RateLimit(rate, burst))).start(1);
    Queue<Instant> started = new ConcurrentLinkedQueue<>();
    over = false;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      Workload node = node(redis, "n" + i);
      Thread thread = new Thread(() -> work(node, started), "node-" + i);
      threads.add(thread);
      thread.start();
    }
    while (started.isEmpty()) {
      LockSupport.parkNanos(IDLE.toNanos());
    }
    long opens = System.nanoTime() + LATER.toNanos();
    operator.pause().start((int) (rate * (length.toSeconds() + 2) + 2L * burst));
    parkUntil(opens);
    operator.unpause();
    parkUntil(opens + length.plusSeconds(1).toNanos());
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
    return StartTimes.of(started);
  }

  private Workload node(RedisServer redis, String name) {
    TestStore.Options options =
        TestStore.Options.DEFAULT.withClockOfRedis().withNode(name).withSeed(name.hashCode());
    return new Workload(new TestStore(vertx, redis, options), Shape.PLAIN, BATCH);
  }

  private void work(Workload node, Queue<Instant> started) {
    while (!over) {
      LeaseResult result = node.lease();
      if (result.tasks().isEmpty()) {
        LockSupport.parkNanos(pause(result.waits().queue()).toNanos());
      } else {
        result.tasks().stream().map(Task::startedAt).forEach(started::add);
        node.complete(result.tasks().size());
      }
    }
  }

  private static Duration pause(@Nullable Duration wait) {
    return wait == null || wait.equals(Waits.UNTIL_OPENED) ? IDLE : wait;
  }

  private static void parkUntil(long nanos) {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
