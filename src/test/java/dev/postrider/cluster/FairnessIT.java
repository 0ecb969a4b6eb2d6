package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whose turn it is under a backlog: by priority, then by weight, whoever has how much waiting. */
@Tag("process")
class FairnessIT {

  private static final Duration LONG = Duration.ofMinutes(10);

  @RegisterExtension static final Site SITE = Site.ofClass();

  private static Api api = new Api(SITE.http(), 0);

  private final String queue = "turns-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    api = SITE.service().api();
  }

  @Test
  void sharesFollowTheWeightsAndChangeWithThemAtOnce() {
    backlog("gold", 3_800, "'fairnessWeight':3");
    backlog("silver", 2_800, "'fairnessWeight':2");
    backlog("bronze", 1_800, "'fairnessWeight':1");

    assertShares(lease(6_000, 50), Map.of("gold", 3_000, "silver", 2_000, "bronze", 1_000));

    Reply changed =
        api.patch("/v1/task-queues/" + queue, "{'fairnessWeights':{'bronze':3,'gold':1}}");
    assertThat(changed.status()).as("%s", changed).isEqualTo(200);
    assertShares(lease(1_200, 50), Map.of("gold", 200, "silver", 400, "bronze", 600));
  }

  @Test
  void aKeyThatComesLaterGetsItsShareAndNoCredit() {
    backlog("first", 1_000, "'fairnessWeight':1");
    lease(500, 50);
    backlog("later", 500, "'fairnessWeight':1");

    assertShares(lease(600, 50), Map.of("first", 300, "later", 300));
  }

  @Test
  void aSmallTenantIsDoneAtOnceBesideALargeOne() {
    smallBesideLarge(5_000);
  }

  @Test
  @Tag("drill")
  @Timeout(900)
  void aSmallTenantIsDoneAtOnceBesideAMillion() {
    smallBesideLarge(1_000_000);
  }

  @Test
  void anUrgentJobOvertakesWhatWaits() {
    overtake(2_000);
  }

  @Test
  @Tag("drill")
  @Timeout(300)
  void anUrgentJobOvertakesAHundredThousand() {
    overtake(100_000);
  }

  private void smallBesideLarge(int jobs) {
    backlog("large", jobs, "'fairnessWeight':1");
    lease(20, 5);
    backlog("small", 10, "'fairnessWeight':1");

    List<String> keys = lease(30, 1).stream().map(FairnessIT::fairnessKey).toList();

    int last = keys.lastIndexOf("small") + 1;
    System.out.printf("beside %,d jobs, the ten were leased within %d leases%n", jobs, last);
    assertThat(keys.stream().filter("small"::equals)).hasSize(10);
    assertThat(last).isLessThanOrEqualTo(22);
  }

  private void overtake(int waiting) {
    backlog("many", waiting, "'fairnessWeight':1");
    lease(10, 5);
    start(1, i -> job("urgent", "'priorityKey':1"));

    List<JsonNode> tasks = lease(2, 1);

    assertThat(tasks.get(0).at("/jobId").asText()).isEqualTo(queue + "-urgent");
    assertThat(fairnessKey(tasks.get(1))).isEqualTo("many");
  }

  private void backlog(String key, int jobs, String weight) {
    start(jobs, i -> job(key + "-" + i, "'fairnessKey':'" + key + "'," + weight));
  }

  private static void start(int jobs, IntFunction<String> job) {
    Batches.start(api, jobs, job);
  }

  private String job(String name, String priority) {
    return ("{'id':'%s-%s','type':'count','taskQueue':'%s','startToCloseTimeout':'1h',"
            + "'priority':{%s}}")
        .formatted(queue, name, queue, priority);
  }

  /** Leases so many tasks, one poll after the other, and gives them in their order. */
  private List<JsonNode> lease(int count, int maxTasks) {
    List<JsonNode> tasks = new ArrayList<>();
    long end = System.nanoTime() + LONG.toNanos();
    while (tasks.size() < count) {
      int most = Math.min(maxTasks, count - tasks.size());
      Reply reply =
          api.post(
              "/v1/task-queues/" + queue + "/poll",
              "{'worker':'w','wait':'20s','maxTasks':%d}".formatted(most));
      assertThat(reply.status()).as("%s", reply).isEqualTo(200);
      assertThat(reply.json().at("/tasks")).isNotEmpty();
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      reply.json().at("/tasks").forEach(tasks::add);
    }
    return tasks;
  }

  /** Each within one per cent, or one task. */
  private static void assertShares(List<JsonNode> tasks, Map<String, Integer> expected) {
    Map<String, Long> shares =
        tasks.stream()
            .collect(Collectors.groupingBy(FairnessIT::fairnessKey, Collectors.counting()));
    System.out.printf("%d leases: %s, expected %s%n", tasks.size(), shares, expected);
    expected.forEach(
        (key, share) ->
            assertThat(shares.get(key))
                .as("%s of %s", key, shares)
                .isCloseTo(share.longValue(), within(Math.max(1L, share / 100))));
  }

  private static String fairnessKey(JsonNode task) {
    return task.at("/priority/fairnessKey").asText();
  }
}
