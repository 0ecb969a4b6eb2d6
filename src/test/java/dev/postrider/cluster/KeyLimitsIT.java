package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.cluster.PollingWorkers.Leased;
import dev.postrider.testing.StartTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each fairness key keeps to its own rate over three nodes, and delays no other. */
@Tag("process")
class KeyLimitsIT {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String QUEUE = "tenants";
  private static final int FREE = 2_000;

  @RegisterExtension final Site site = Site.ofTest();

  /** What a key may do. */
  private record Tenant(String key, double weight, double rate, int burst) {}

  private static final List<Tenant> TENANTS =
      List.of(
          new Tenant("plain", 1, 20, 2),
          new Tenant("double", 2, 40, 2),
          new Tenant("tenth", 0.1, 2, 2),
          new Tenant("own", 5, 10, 1),
          new Tenant("stopped", 1, 0, 1));

  @Test
  void keysKeepToTheirRates() {
    run(1, Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  @Tag("drill")
  @Timeout(180)
  void keysKeepToTheirRatesForLonger(int partitions) {
    run(partitions, Duration.ofSeconds(30));
  }

  private void run(int partitions, Duration length) {
    ThreeNodes nodes = ThreeNodes.start(site, partitions);
    nodes.limit(
        0,
        QUEUE,
        "{'fairnessKeyRateLimit':{'requestsPerSecond':20,'burst':2},'fairnessKeyRateLimits':"
            + "{'own':{'requestsPerSecond':10,'burst':1},'stopped':{'requestsPerSecond':0},"
            + "'free':{'requestsPerSecond':1000000}}}");
    double seconds = length.toMillis() / 1e3;
    for (Tenant tenant : TENANTS) {
      start(
          nodes.api(1), tenant.key(), tenant.weight(), (int) (tenant.rate() * seconds * 1.5) + 50);
    }
    start(nodes.api(2), "free", 1, FREE);
    PollingWorkers workers = site.keep(PollingWorkers.start(nodes.apis(), 3, QUEUE, 50, "5s"));
    Await.until("one is started", LONG, () -> workers.count() > 0);
    Instant begun = workers.startTimes().first();
    Await.until("the free ones are done", LONG, () -> of(workers, "free").count() == FREE);
    StartTimes free = of(workers, "free");
    Await.until(
        "the time is over", LONG.plus(length), () -> workers.latest().isAfter(begun.plus(length)));
    workers.close();

    System.out.printf(
        "%d partitions, %d of a free key within %s%n",
        partitions, FREE, Duration.between(free.first(), free.last()));
    assertThat(workers.failures()).isEmpty();
    for (Tenant tenant : TENANTS) {
      StartTimes starts = of(workers, tenant.key());
      // Each partition has a share of the rate and a burst of at least one.
      int burst = partitions * Math.max(1, tenant.burst() / partitions);
      int allowed = (int) (burst + tenant.rate() * seconds);
      int started = starts.between(begun, begun.plus(length)).count();
      System.out.printf(
          Locale.ROOT,
          "%s, %.1f/s, burst %d: %d started, %d allowed over %.0f s; the worst stretch has %.3f too"
              + " many%n",
          tenant.key(),
          tenant.rate(),
          burst,
          started,
          allowed,
          seconds,
          starts.excess(burst, tenant.rate()));
      if (tenant.rate() == 0) {
        assertThat(started).as(tenant.key()).isZero();
      } else {
        assertThat(starts.excess(burst, tenant.rate())).as(tenant.key()).isLessThan(1e-6);
        assertThat(started).as(tenant.key()).isGreaterThanOrEqualTo(allowed / 4);
      }
    }
  }

  private static void start(Api api, String key, double weight, int jobs) {
    Batches.start(
        api,
        jobs,
        i ->
            ("{'id':'%s-%d','type':'count','taskQueue':'%s','startToCloseTimeout':'1m',"
                    + "'priority':{'fairnessKey':'%s','fairnessWeight':%s}}")
                .formatted(key, i, QUEUE, key, weight));
  }

  private static StartTimes of(PollingWorkers workers, String key) {
    return StartTimes.of(
        workers.leased().stream()
            .filter(task -> task.fairnessKey().equals(key))
            .map(Leased::startedAt)
            .toList());
  }
}
