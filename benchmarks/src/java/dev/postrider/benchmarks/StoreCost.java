package dev.postrider.benchmarks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.postrider.benchmarks.Workload.Kind;
import dev.postrider.benchmarks.Workload.Shape;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what a job's life costs Redis: processor time of its main thread and bytes, by the
 * store's own scripts in batches of a fixed size, with BullMQ beside it in alternating rounds.
 */
@Command(
    name = "store-cost",
    mixinStandardHelpOptions = true,
    description = "What a job's life costs Redis, beside BullMQ.")
public final class StoreCost implements Callable<Integer> {

  /** Tables that can be asked for. */
  enum Rows {
    LIFE,
    LANES,
    CAPPED,
    BACKLOG,
    LIMITED,
    RATED,
    PARKED
  }

  private static final int[] LANES = {10, 100, 1_000, 10_000, 100_000};
  private static final int[] BACKLOGS = {1_000, 10_000, 100_000, 1_000_000};
  private static final int LANES_JOBS = 100_000;
  private static final int STANDING_JOBS = 20_000;

  @Option(names = "--rows", split = ",", description = "${COMPLETION-CANDIDATES}; all by default")
  private List<Rows> rows = List.of(Rows.values());

  @Option(names = "--batch", split = ",", description = "Jobs per call (${DEFAULT-VALUE})")
  private List<Integer> batches = List.of(50, 200);

  @Option(names = "--jobs", description = "Jobs in a round of LIFE (${DEFAULT-VALUE})")
  private int jobs = 50_000;

  @Option(names = "--rounds", description = "Rounds, of which the median (${DEFAULT-VALUE})")
  private int rounds = 5;

  @Option(names = "--fsync", description = "no (append-only file off), everysec or always")
  private String fsync = "no";

  @Option(names = "--bullmq", description = "Measure BullMQ too (needs Node.js)")
  private boolean bullMq;

  @Option(names = "--commands", description = "Show each Redis command's share")
  private boolean commands;

  private final Vertx vertx = Vertx.vertx();

  public static void main(String[] args) {
    // the links of the store complain when Redis ends
    ((Logger) LoggerFactory.getLogger("dev.postrider.redis")).setLevel(Level.ERROR);
    System.exit(
        new CommandLine(new StoreCost()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    boolean off = fsync.equals("no");
    String[] settings =
        off ? new String[0] : new String[] {"appendonly yes", "appendfsync " + fsync};
    try (RedisServer redis = RedisServer.startWith(settings)) {
      System.out.printf(
          "Redis %s, append-only file %s, %d rounds%n",
          version(redis), off ? "off" : "fsynced " + fsync, rounds);
      for (Kind kind : Kind.values()) {
        workload(redis, new Shape(kind, 10, 10), 50).start(5000).lease(5000).complete(5000);
      }
      LimitCosts limits = new LimitCosts(vertx, redis, batches.get(0), rounds, commands);
      for (Rows table : rows) {
        switch (table) {
          case LIFE -> life(redis);
          case LANES -> lanes(redis);
          case CAPPED -> limits.capped();
          case BACKLOG -> backlog(redis);
          case LIMITED -> limits.limited();
          case RATED -> limits.rated();
          case PARKED -> limits.parked();
        }
      }
    }
    vertx.close();
    return 0;
  }

  private void life(RedisServer redis) throws IOException, InterruptedException {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("plain jobs, one lane", Shape.PLAIN);
    shapes.put("plain jobs, 10 fairness keys", new Shape(Kind.PLAIN, 10, 0));
    shapes.put("webhooks, 10 destinations", new Shape(Kind.WEBHOOK, 1, 10));
    Map<String, List<Cost.Life>> lives = new LinkedHashMap<>();
    List<Peer.Round> peers = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (int batch : batches) {
        for (Map.Entry<String, Shape> shape : shapes.entrySet()) {
          lives
              .computeIfAbsent(shape.getKey() + ", batches of " + batch, any -> new ArrayList<>())
              .add(life(redis, shape.getValue(), batch, jobs, round == 0));
        }
      }
      if (bullMq) {
        redis.flush();
        peers.add(Peer.measure(redis, jobs, batches.get(0)));
      }
    }
    lifeHead("");
    lives.forEach(StoreCost::lifeRow);
    if (bullMq) {
      Table.medians(
          "BullMQ, addBulk and concurrency " + batches.get(0),
          peers,
          Peer.Round::addCpu,
          peer -> Double.NaN,
          Peer.Round::workCpu,
          peer -> peer.addCpu() + peer.workCpu(),
          peer -> peer.addScript() + peer.workScript(),
          Peer.Round::calls,
          Peer.Round::bytesQueued,
          Peer.Round::bytesClosed);
    }
  }

  private Cost.Life life(RedisServer redis, Shape shape, int batch, int count, boolean first) {
    Workload load = workload(redis, shape, batch);
    Reading empty = Reading.of(redis);
    load.start(count);
    Reading queued = Reading.of(redis);
    load.lease(count);
    Reading leased = Reading.of(redis);
    load.complete(count);
    Reading closed = Reading.of(redis);
    Reading start = queued.minus(empty);
    Reading lease = leased.minus(queued);
    Reading complete = closed.minus(leased);
    if (commands && first) {
      System.out.printf("%n%s, batches of %d%n", shape, batch);
      System.out.print("  start\n" + start.perJob(count) + "  lease\n" + lease.perJob(count));
      System.out.print("  complete\n" + complete.perJob(count));
    }
    return new Cost.Life(Cost.of(start, count), Cost.of(lease, count), Cost.of(complete, count));
  }

  /** All jobs are queued first, over ever more fairness keys in turn. */
  private void lanes(RedisServer redis) {
    int batch = batches.get(0);
    Map<String, List<Cost.Life>> lives = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (int lanes : LANES) {
        lives
            .computeIfAbsent("%,d fairness keys".formatted(lanes), any -> new ArrayList<>())
            .add(life(redis, new Shape(Kind.PLAIN, lanes, 0), batch, LANES_JOBS, round == 0));
      }
    }
    lifeHead("%,d jobs over, batches of %d".formatted(LANES_JOBS, batch));
    lives.forEach(StoreCost::lifeRow);
  }

  /** Batches are started, leased and completed while others stand in line. */
  private void backlog(RedisServer redis) {
    int batch = batches.get(0);
    Map<String, List<Cost>> costs = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (int backlog : BACKLOGS) {
        Workload load = workload(redis, new Shape(Kind.PLAIN, 10, 0), batch);
        load.start(backlog);
        Reading full = Reading.of(redis);
        for (int done = 0; done < STANDING_JOBS; done += batch) {
          load.start(batch).lease(batch).complete(batch);
        }
        costs
            .computeIfAbsent("%,d queued".formatted(backlog), any -> new ArrayList<>())
            .add(Cost.of(Reading.of(redis).minus(full), STANDING_JOBS));
      }
    }
    Table.head("backlog, batches of " + batch, "life, CPU µs", "script µs", "calls");
    costs.forEach(Cost::row);
  }

  private Workload workload(RedisServer redis, Shape shape, int batch) {
    return Workload.on(vertx, redis, shape, batch, 0);
  }

  private static void lifeHead(String title) {
    Table.head(
        title,
        "start µs",
        "lease µs",
        "complete µs",
        "**life, CPU µs**",
        "script µs",
        "calls",
        "bytes queued",
        "bytes closed");
  }

  private static void lifeRow(String name, List<Cost.Life> lives) {
    Table.medians(
        name,
        lives,
        life -> life.start().cpu(),
        life -> life.lease().cpu(),
        life -> life.complete().cpu(),
        life -> life.whole().cpu(),
        life -> life.whole().script(),
        life -> life.whole().calls(),
        life -> life.start().bytes(),
        life -> life.whole().bytes());
  }

  private static String version(RedisServer redis) {
    String info = String.valueOf(redis.call("INFO", "server"));
    return info.lines()
        .filter(line -> line.startsWith("redis_version:"))
        .map(line -> line.substring(line.indexOf(':') + 1))
        .findFirst()
        .orElse("?");
  }
}
