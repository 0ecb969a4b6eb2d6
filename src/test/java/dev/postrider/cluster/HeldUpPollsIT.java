package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Polls for queues whose tasks are held back cost Redis next to nothing, and go on afterwards. */
@Tag("process")
class HeldUpPollsIT {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int JOBS = 20;
  private static final int POLLS = 40;

  /** The most that Redis may hear of an idle node in a second. */
  private static final int REDIS_CALLS_A_SECOND = 5;

  /** What holds the tasks of a queue back, by the queue's name. */
  private static final Map<String, String> LIMITS = new LinkedHashMap<>();

  static {
    LIMITS.put("slow", "{'rateLimit':{'requestsPerSecond':0.1,'burst':1}}");
    LIMITS.put("stopped", "{'rateLimit':{'requestsPerSecond':0}}");
    LIMITS.put("slow-key", "{'fairnessKeyRateLimit':{'requestsPerSecond':0.1,'burst':1}}");
    LIMITS.put("full", "{'maxInFlight':1}");
    LIMITS.put("full-key", "{'maxInFlightPerFairnessKey':1}");
    LIMITS.put("paused", "{}");
  }

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void heldUpPollsAreIdle() {
    run(1, Duration.ofSeconds(3));
  }

  @Test
  @Tag("drill")
  @Timeout(180)
  void heldUpPollsAreIdleOnThreeNodes() {
    run(3, Duration.ofSeconds(25));
  }

  private void run(int count, Duration idle) {
    ServiceProcess first = site.service();
    List<Api> nodes = new ArrayList<>(List.of(first.api()));
    for (int i = 1; i < count; i++) {
      nodes.add(site.service("redis.url=" + first.redisUrl()).api());
    }
    LIMITS.forEach((queue, limits) -> hold(nodes.get(0), queue, limits));
    Map<String, PollingWorkers> polls = new LinkedHashMap<>();
    for (String queue : LIMITS.keySet()) {
      polls.put(queue, site.keep(PollingWorkers.start(nodes, POLLS, queue, 1, "60s")));
    }

    RedisMonitor monitor = site.keep(RedisMonitor.start(first.redisAddress()));
    Await.until("each poll has asked once", LONG, monitor::isQuiet);
    Map<String, Integer> calls = monitor.callsDuring(idle);
    double sum =
        calls.values().stream().mapToInt(Integer::intValue).sum() / (double) idle.toSeconds();
    System.out.printf(
        Locale.ROOT,
        "%d nodes, %d polls for held-up queues on each, %d s: %.1f Redis calls a second %s%n",
        count,
        POLLS * LIMITS.size(),
        idle.toSeconds(),
        sum,
        calls);
    assertThat(sum).isLessThan(REDIS_CALLS_A_SECOND * count);
    polls.forEach(
        (queue, workers) -> {
          boolean rated = queue.startsWith("slow");
          assertThat(workers.count()).as(queue).isLessThanOrEqualTo(rated ? JOBS / 2 : 0);
        });

    Api other = nodes.get(nodes.size() - 1);
    for (String queue : LIMITS.keySet()) {
      Reply opened =
          queue.equals("paused")
              ? other.post("/v1/task-queues/paused/unpause", "{}")
              : other.patch("/v1/task-queues/" + queue, NO_LIMIT);
      assertThat(opened.status()).as("%s", opened).isEqualTo(200);
    }
    polls.forEach(
        (queue, workers) ->
            Await.until(
                queue + " goes on", LONG, workers::count, done -> done >= JOBS - held(queue)));
  }

  private static final String NO_LIMIT =
      "{'rateLimit':null,'fairnessKeyRateLimit':null,'maxInFlight':null,"
          + "'maxInFlightPerFairnessKey':null}";

  private static int held(String queue) {
    return queue.startsWith("full") ? 1 : 0;
  }

  /** Fills a queue and limits it, so that no more than a few of its tasks can be given. */
  private static void hold(Api api, String queue, String limits) {
    Reply reply =
        queue.equals("paused")
            ? api.post("/v1/task-queues/paused/pause", "{}")
            : api.patch("/v1/task-queues/" + queue, limits);
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    Batches.start(
        api,
        JOBS,
        i ->
            ("{'id':'%s-%d','type':'wait','taskQueue':'%s','startToCloseTimeout':'1h',"
                    + "'priority':{'fairnessKey':'k'}}")
                .formatted(queue, i, queue));
    for (int i = 0; i < held(queue); i++) {
      Reply leased = api.post("/v1/task-queues/" + queue + "/poll", "{'worker':'holder'}");
      assertThat(leased.json().at("/tasks")).hasSize(1);
    }
  }
}
