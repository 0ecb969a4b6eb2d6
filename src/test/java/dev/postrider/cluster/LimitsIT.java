package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.StartTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    hold(1, 50, 5, Duration.ofSeconds(3), 0.5);
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
    List<Api> nodes = nodes(partitions);
    limit(nodes.get(0), rate, burst);
    double seconds = length.toMillis() / 1e3;
    int allowed = (int) (burst + rate * seconds);
    start(nodes.get(1), (int) (allowed * 1.2 + 10 + 2 * rate));
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
        byNode(workers, nodes.size()));
    assertThat(workers.failures()).isEmpty();
    assertThat(all.excess(burst, rate)).as("too many").isLessThan(1e-6);
    assertThat(started).isGreaterThanOrEqualTo(allowed - (int) Math.max(1, allowed * least));
  }

  private void change(int partitions, Duration length) {
    List<Api> nodes = nodes(partitions);
    limit(nodes.get(0), 100, 5);
    int jobs = (int) (500 * length.toSeconds()) + 1_500;
    start(nodes.get(1), jobs);
    PollingWorkers workers = work(nodes);
    Await.until("one is started", LONG, () -> workers.count() > 0);
    Pace.pass(length);

    List<Phase> phases = new ArrayList<>();
    phases.add(phase(nodes.get(1), "lowered", 0.1, 1, length));
    phases.add(phase(nodes.get(2), "raised", 200, 10, length));
    phases.add(phase(nodes.get(0), "stopped", 0, 1, length));
    phases.add(phase(nodes.get(1), "opened", 50, 2, length));
    phases.add(phase(nodes.get(2), "changed", 20, 2, length));
    phases.add(paused(nodes, length));
    Instant removed = Instant.now();
    nodes.get(0).patch("/v1/task-queues/limited", "{'rateLimit':null}");
    nodes.get(2).post("/v1/task-queues/limited/unpause", "{}");
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
            .isGreaterThanOrEqualTo((int) (phase.rate() * seconds / 2));
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

  private Phase phase(Api node, String name, double rate, int burst, Duration length) {
    Instant asked = Instant.now();
    limit(node, rate, burst);
    Instant answered = Instant.now();
    Pace.pass(length);
    return new Phase(name, rate, burst, asked, answered);
  }

  private static Phase paused(List<Api> nodes, Duration length) {
    Instant asked = Instant.now();
    Reply reply = nodes.get(1).post("/v1/task-queues/limited/pause", "{}");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    Instant answered = Instant.now();
    Pace.pass(length);
    return new Phase("paused", 0, 1, asked, answered);
  }

  private List<Api> nodes(int partitions) {
    String divided = "partitions=" + partitions;
    ServiceProcess first = site.service(divided);
    ServiceProcess second = site.launch(divided, "redis.url=" + first.redisUrl());
    ServiceProcess third = site.service(divided, "redis.url=" + first.redisUrl());
    return List.of(first.api(), second.awaitReady().api(), third.api());
  }

  private static void limit(Api node, double rate, int burst) {
    Reply reply =
        node.patch(
            "/v1/task-queues/limited",
            "{'rateLimit':{'requestsPerSecond':%s,'burst':%d}}".formatted(rate, burst));
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
  }

  private static void start(Api node, int jobs) {
    Batches.start(
        node,
        jobs,
        i ->
            "{'id':'job-%d','type':'count','taskQueue':'limited','startToCloseTimeout':'1m'}"
                .formatted(i));
  }

  private PollingWorkers work(List<Api> nodes) {
    return site.keep(PollingWorkers.start(nodes, WORKERS_PER_NODE, "limited", MAX_TASKS, "5s"));
  }

  private static List<Long> byNode(PollingWorkers workers, int nodes) {
    List<Long> counts = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      int number = node;
      counts.add(workers.leased().stream().filter(task -> task.node() == number).count());
    }
    return counts;
  }
}
