package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Polls that wait cost next to nothing, and get a job as soon as there is one. */
@Tag("process")
class ParkedPollsIT {

  private static final Duration LONG = Duration.ofSeconds(60);

  /** The most that Redis may hear of an idle node in a second. */
  private static final int REDIS_CALLS_A_SECOND = 5;

  @RegisterExtension final Site site = Site.ofTest();

  /**
   * How much of it.
   *
   * @param polls how many are parked, and may be
   * @param processes how many processes they come from
   * @param patience how long each waits
   * @param idle how long nothing happens
   * @param jobs how many are started then, on each of two nodes
   * @param between from one start to the next
   */
  private record Size(
      int polls, int processes, String patience, Duration idle, int jobs, Duration between) {}

  @Test
  void parkedPollsAreIdleAndWokenByAStartOnAnyNode() {
    run(new Size(500, 1, "30s", Duration.ofSeconds(3), 100, Duration.ofMillis(10)));
  }

  @Test
  @Tag("drill")
  @Timeout(300)
  void tenThousandParkedPollsAreIdleAndWokenByAStartOnAnyNode() {
    run(new Size(10_000, 4, "60s", Duration.ofSeconds(30), 500, Duration.ofMillis(10)));
  }

  private void run(Size size) {
    ServiceProcess service = site.service("limits.maxParkedPolls=" + size.polls());
    List<ChildProcess> pollers = pollers(service, size);
    // counted, not tried out: a poll that tries would take the place of one that is yet to come
    String full = "postrider_parked_polls " + (double) size.polls();
    Await.until(
        "all polls are parked",
        LONG,
        service::metrics,
        text -> text.lines().anyMatch(full::equals) || !failures(pollers).isEmpty());
    Reply refused = poll(service);
    assertThat(failures(pollers)).isEmpty();
    assertThat(refused.status()).as("%s", refused).isEqualTo(429);
    assertThat(refused.text("/code")).isEqualTo("too_many_polls");
    assertThat(refused.retryAfter()).isNotNull();

    double redisCalls = idle(service, size);
    wake("the same node", service, size, pollers);
    ServiceProcess other = site.service("redis.url=" + service.redisUrl());
    wake("another node", other, size, pollers);
    assertThat(failures(pollers)).isEmpty();
    assertThat(redisCalls).isLessThan(REDIS_CALLS_A_SECOND);
  }

  private static List<String> failures(List<ChildProcess> pollers) {
    return pollers.stream()
        .flatMap(poller -> poller.out().stream())
        .filter(line -> line.startsWith("failed"))
        .toList();
  }

  private List<ChildProcess> pollers(ServiceProcess service, Size size) {
    List<ChildProcess> pollers = new ArrayList<>();
    int each = size.polls() / size.processes();
    for (int i = 0; i < size.processes(); i++) {
      List<String> arguments =
          List.of(
              Integer.toString(service.port()),
              size.patience(),
              Integer.toString(i * each),
              Integer.toString((i + 1) * each));
      pollers.add(site.keep(ChildProcess.main(ParkedPollers.class, site.directory(), arguments)));
    }
    return pollers;
  }

  private static Reply poll(ServiceProcess service) {
    return service.api().post("/v1/task-queues/one-more/poll", "{'worker':'w','wait':'1ms'}");
  }

  /** How often Redis is called in a second in which nothing happens. */
  private double idle(ServiceProcess service, Size size) {
    RedisMonitor monitor = site.keep(RedisMonitor.start(service.redisAddress()));
    Await.until("each poll has asked once", LONG, monitor::isQuiet);
    Duration cpuBefore = cpu(service.process().pid());
    Duration redisBefore = cpu(service.redisPid());
    Map<String, Integer> calls = monitor.callsDuring(size.idle());
    Duration cpu = cpu(service.process().pid()).minus(cpuBefore);
    Duration redis = cpu(service.redisPid()).minus(redisBefore);

    int sum = calls.values().stream().mapToInt(Integer::intValue).sum();
    double seconds = size.idle().toMillis() / 1e3;
    System.out.printf(
        Locale.ROOT,
        "%d parked polls, idle for %.0f s: %.1f Redis calls a second %s, CPU of the node %.2f %%,"
            + " of Redis %.2f %% of a core%n",
        size.polls(),
        seconds,
        sum / seconds,
        calls,
        cpu.toMillis() / seconds / 10,
        redis.toMillis() / seconds / 10);
    return sum / seconds;
  }

  private static Duration cpu(long pid) {
    return ProcessHandle.of(pid).flatMap(p -> p.info().totalCpuDuration()).orElseThrow();
  }

  private static void wake(
      String where, ServiceProcess starter, Size size, List<ChildProcess> pollers) {
    warmUp(starter, size);
    String prefix = "wake-" + starter.port() + "-";
    Map<String, Long> started = new ConcurrentHashMap<>();
    Pace.each(
        size.jobs(),
        size.between(),
        i -> {
          started.put(prefix + i, System.nanoTime());
          starter.api().send("/v1/jobs", job(prefix + i, i));
        });
    Map<String, Long> leased =
        Await.until(
            "all jobs are leased",
            LONG,
            () -> leased(prefix, pollers),
            seen -> seen.size() == size.jobs());
    List<Double> millis =
        leased.entrySet().stream()
            .map(e -> (e.getValue() - started.get(e.getKey())) / 1e6)
            .sorted()
            .toList();
    System.out.printf(
        Locale.ROOT,
        "%d parked polls, %d starts on %s: to the poll's answer p50 %.1f ms, p99 %.1f ms,"
            + " longest %.1f ms%n",
        size.polls(),
        size.jobs(),
        where,
        millis.get(millis.size() / 2),
        millis.get(millis.size() * 99 / 100),
        millis.get(millis.size() - 1));
    assertThat(millis.get(millis.size() / 2)).as("woken, not by a safety tick").isLessThan(1_000);
  }

  private static String job(String id, int number) {
    return "{'id':'%s','type':'wake','taskQueue':'%s','startToCloseTimeout':'1h'}"
        .formatted(id, ParkedPollers.queue(number));
  }

  private static void warmUp(ServiceProcess starter, Size size) {
    for (int i = 0; i < size.jobs() / 2; i++) {
      Reply reply = starter.api().post("/v1/jobs", job("warm-" + starter.port() + "-" + i, i));
      assertThat(reply.status()).as("%s", reply).isEqualTo(201);
    }
  }

  /** The jobs that were leased and when; each once. */
  private static Map<String, Long> leased(String prefix, List<ChildProcess> pollers) {
    Map<String, Long> leased = new HashMap<>();
    for (ChildProcess poller : pollers) {
      for (String line : poller.out()) {
        String[] words = line.split(" ", -1);
        if (words.length == 3 && words[1].startsWith(prefix)) {
          assertThat(leased.put(words[1], Long.valueOf(words[2]))).as(line).isNull();
        }
      }
    }
    return leased;
  }
}
