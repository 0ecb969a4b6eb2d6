package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.testing.StartTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A queue's rate holds over three nodes and their workers together, by Redis's clock. */
@Tag("process")
class LimitsIT {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int WORKERS_PER_NODE = 4;
  private static final int MAX_TASKS = 50;

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void aRateHoldsOverThreeNodes() {
    // A machine that does other things can make it slower, never faster.
    hold(1, 50, 5, Duration.ofSeconds(3), 0.7);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 2", "5, 2", "100, 5", "1000, 50"})
  @Tag("drill")
  @Timeout(180)
  void aRateHoldsAndIsUsedUpOverHalfAMinute(double rate, int burst) {
    hold(1, rate, burst, Duration.ofSeconds(30), 0.01);
  }

  @ParameterizedTest
  @CsvSource({"0.5", "5", "100", "1000"})
  @Tag("drill")
  @Timeout(180)
  void withABurstOfOneNoStretchOfTimeHoldsMore(double rate) {
    hold(1, rate, 1, Duration.ofSeconds(30), 1);
  }

  @ParameterizedTest
  @CsvSource({"5, 2", "100, 5", "1000, 50"})
  @Tag("drill")
  @Timeout(180)
  void aRateHoldsOverFourPartitions(double rate, int burst) {
    hold(4, rate, burst, Duration.ofSeconds(30), 0.05);
  }

  @Test
  void aChangedLimitHoldsFromTheAnswerOnWhicheverNodeGaveIt() {
    change(1, Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @CsvSource({"1", "4"})
  @Tag("drill")
  @Timeout(180)
  void aChangedLimitHoldsForLonger(int partitions) {
    change(partitions, Duration.ofSeconds(6));
  }

  /**
   * Works off a backlog under a limit.
   *
   * @param least the part of what is allowed that may be missing
   */
  private void hold(int partitions, double rate, int burst, Duration length, double least) {
    ThreeNodes nodes = ThreeNodes.start(site, partitions);
    limit(nodes, 0, rate, burst);
    double seconds = length.toMillis() / 1e3;
    int allowed = (int) (burst + rate * seconds);
    start(nodes.api(1), (int) (allowed * 1.2 + 10 + 2 * rate));
    PollingWorkers workers = work(nodes);

    Await.until("one is started", LONG, () -> workers.count() > 0);
    Instant begun = workers.startTimes().first();
    Await.until(
        "the time is over", LONG.plus(length), () -> workers.latest().isAfter(begun.plus(length)));
    workers.close();

    StartTimes all = workers.startTimes();
    int started = all.between(begun, begun.plus(length)).count();
    System.out.printf(
        Locale.ROOT,
        "%.1f/s, burst %d, %d partitions, over %.0f s: %d started, %d allowed (%+.2f %%); the worst"
            + " stretch has %.3f too many; most in 200 ms %d, in 1 s %d; longest gap %d ms; by node"
            + " %s%n",
        rate,
        burst,
        partitions,
        seconds,
        started,
        allowed,
        100.0 * (started - allowed) / allowed,
        all.excess(burst, rate),
        all.most(Duration.ofMillis(200)),
        all.most(Duration.ofSeconds(1)),
        all.longestGap().toMillis(),
        byNode(workers));
    assertThat(workers.failures()).isEmpty();
    assertThat(all.excess(burst, rate)).as("too many").isLessThan(1e-6);
    assertThat(started).isGreaterThanOrEqualTo(allowed - (int) Math.max(1, allowed * least));
  }

  @ParameterizedTest
  @CsvSource({"1", "4"})
  @Tag("drill")
  @Timeout(240)
  void aRateHoldsWhileNodesAndRedisAreKilled(int partitions) {
    ThreeNodes nodes = ThreeNodes.start(site, partitions);
    limit(nodes, 0, 100, 5);
    start(nodes.api(1), 6_000);
    PollingWorkers workers = work(nodes);
    Await.until("it has begun", LONG, () -> workers.count() > 300);
    kill(nodes.processes().get(1));
    Await.until("it goes on", LONG, () -> workers.count() > 1_000);
    Signals.send("KILL", nodes.processes().get(0).redisPid());
    int killed = workers.count();
    Await.until("it goes on", LONG, () -> workers.count() > killed + 700);
    kill(nodes.processes().get(0));
    int again = workers.count();
    Await.until("it goes on", LONG, () -> workers.count() > again + 700);
    nodes.limit(2, "limited", "{'rateLimit':{'requestsPerSecond':0}}");
    workers.close();

    List<JsonNode> jobs =
        Batches.described(
            nodes.api(2), IntStream.range(0, 6_000).mapToObj(i -> "job-" + i).toList());
    StartTimes all = StartTimes.ofAttempts(jobs);
    System.out.printf(
        Locale.ROOT,
        "%d partitions, two nodes and Redis killed: %d started, %d known to workers, in %.1f s;"
            + " %.3f too many; most in 1 s %d; longest gap %d ms; failed calls %d%n",
        partitions,
        all.count(),
        workers.count(),
        Duration.between(all.first(), all.last()).toMillis() / 1e3,
        all.excess(5, 100),
        all.most(Duration.ofSeconds(1)),
        all.longestGap().toMillis(),
        workers.failures().size());
    assertThat(all.excess(5, 100)).as("too many").isLessThan(1e-6);
  }

  private static void kill(ServiceProcess node) {
    node.kill();
    node.startAgain().awaitReady();
  }

  private void change(int partitions, Duration length) {
    ThreeNodes nodes = ThreeNodes.start(site, partitions);
    limit(nodes, 0, 100, 5);
    int jobs = (int) (500 * length.toSeconds()) + 1_500;
    start(nodes.api(1), jobs);
    PollingWorkers workers = work(nodes);
    Await.until("one is started", LONG, () -> workers.count() > 0);
    Pace.pass(length);

    List<Phase> phases = new ArrayList<>();
    phases.add(phase(nodes, 1, "lowered", 0.1, 1, length));
    phases.add(phase(nodes, 2, "raised", 200, 10, length));
    phases.add(phase(nodes, 0, "stopped", 0, 1, length));
    phases.add(phase(nodes, 1, "opened", 50, 2, length));
    phases.add(phase(nodes, 2, "changed", 20, 2, length));
    phases.add(paused(nodes, length));
    Instant removed = Instant.now();
    nodes.limit(0, "limited", "{'rateLimit':null}");
    nodes.api(2).post("/v1/task-queues/limited/unpause", "{}");
    Instant free = Instant.now();
    Await.until("all are started", LONG, workers::count, count -> count == jobs);

    StartTimes all = workers.startTimes();
    for (int i = 0; i < phases.size(); i++) {
      Phase phase = phases.get(i);
      Instant end = i + 1 < phases.size() ? phases.get(i + 1).asked() : removed;
      StartTimes within = all.between(phase.answered().plusMillis(1), end);
      double seconds = Duration.between(phase.answered(), end).toMillis() / 1e3;
      System.out.printf(
          Locale.ROOT,
          "%d partitions, %s to %.1f/s, burst %d: %d in %.1f s, the first after %s; %.3f too many%n",
          partitions,
          phase.name(),
          phase.rate(),
          phase.burst(),
          within.count(),
          seconds,
          within.count() == 0 ? "-" : Duration.between(phase.answered(), within.first()),
          within.excess(phase.burst(), phase.rate()));
      if (phase.rate() == 0) {
        assertThat(within.count()).as("started while stopped").isZero();
      } else {
        assertThat(within.excess(phase.burst(), phase.rate())).as(phase.name()).isLessThan(1e-6);
        assertThat(within.count())
            .as(phase.name())
            .isGreaterThanOrEqualTo((int) (phase.rate() * seconds / 4));
      }
    }
    StartTimes rest = all.between(removed, all.last().plusMillis(1));
    System.out.printf(
        "without a limit: %d more, from %s to %s after%n",
        rest.count(), Duration.between(free, rest.first()), Duration.between(free, rest.last()));
    assertThat(rest.first()).as("the limit's removal").isBefore(free.plusSeconds(2));
    assertThat(workers.failures()).isEmpty();
  }

  /** A limit as it was set, when that was asked for and when it was answered. */
  private record Phase(String name, double rate, int burst, Instant asked, Instant answered) {}

  private Phase phase(
      ThreeNodes nodes, int node, String name, double rate, int burst, Duration length) {
    Instant asked = Instant.now();
    limit(nodes, node, rate, burst);
    Instant answered = Instant.now();
    Pace.pass(length);
    return new Phase(name, rate, burst, asked, answered);
  }

  private static Phase paused(ThreeNodes nodes, Duration length) {
    Instant asked = Instant.now();
    Reply reply = nodes.api(1).post("/v1/task-queues/limited/pause", "{}");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    Instant answered = Instant.now();
    Pace.pass(length);
    return new Phase("paused", 0, 1, asked, answered);
  }

  private static void limit(ThreeNodes nodes, int node, double rate, int burst) {
    nodes.limit(
        node,
        "limited",
        "{'rateLimit':{'requestsPerSecond':%s,'burst':%d}}".formatted(rate, burst));
  }

  private static void start(Api node, int jobs) {
    Batches.start(
        node,
        jobs,
        i ->
            "{'id':'job-%d','type':'count','taskQueue':'limited','startToCloseTimeout':'1m'}"
                .formatted(i));
  }

  private PollingWorkers work(ThreeNodes nodes) {
    return site.keep(
        PollingWorkers.start(nodes.apis(), WORKERS_PER_NODE, "limited", MAX_TASKS, "5s"));
  }

  private static List<Long> byNode(PollingWorkers workers) {
    List<Long> counts = new ArrayList<>();
    for (int node = 0; node < 3; node++) {
      int number = node;
      counts.add(workers.leased().stream().filter(task -> task.node() == number).count());
    }
    return counts;
  }
}
