package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseRequest;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator sees of task queues and does to them; every answer is held to the contract. */
@ParameterizedClass(name = "{0} partitions")
@ValueSource(ints = {1, 4})
@ExtendWith({VertxExtension.class, RedisExtension.class})
class TaskQueuesApiTest {

  private static final String QUEUE = "/v1/task-queues/q";
  private static final String SOON = "\"wait\":\"20s\"";
  private static final String NOW = "\"wait\":\"0s\"";

  private final int partitions;
  private LiveApi live;
  private ApiClient client;

  TaskQueuesApiTest(int partitions) {
    this.partitions = partitions;
  }

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, partitions, 10);
    client = live.client();
  }

  @Test
  void aQueueThatNobodyHasUsedIsAnEmptyOne() {
    HttpAnswer answer = client.get("/v1/task-queues/a%2Fb?namespace=n");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body())
        .startsWith(
            "{\"namespace\":\"n\",\"taskQueue\":\"a/b\",\"paused\":false,"
                + "\"backlog\":{\"count\":0,\"priorities\":[],\"fairnessKeys\":[],"
                + "\"fairnessKeysWaiting\":0},\"inFlight\":0,"
                + "\"rates\":{\"addedPerSecond\":0,\"leasedPerSecond\":0},"
                + "\"pollers\":[],\"pollersSeen\":0,\"limits\":{}");
    assertThat(client.get("/v1/task-queues?namespace=n").body()).isEqualTo("{\"taskQueues\":[]}");
  }

  @Test
  void whatWaitsIsToldByPriorityAndByFairnessKey() {
    job("a", "\"priority\":{\"priorityKey\":1,\"fairnessKey\":\"k\",\"fairnessWeight\":2.5}");
    job("b", "\"priority\":{\"priorityKey\":4,\"fairnessKey\":\"k\",\"fairnessWeight\":2.5}");
    job("c", "");
    job("d", "\"priority\":{\"priorityKey\":4,\"fairnessKey\":\"k\",\"fairnessWeight\":2.5}");
    job("later", "\"startDelay\":\"1h\"");

    JsonNode backlog = described().path("backlog");

    assertThat(backlog.path("count").asInt()).isEqualTo(4);
    assertThat(backlog.path("age").asText()).matches("[0-9]+s");
    assertThat(backlog.path("fairnessKeysWaiting").asInt()).isEqualTo(2);
    assertThat(backlog.path("priorities").findValuesAsText("priorityKey"))
        .containsExactly("1", "3", "4");
    assertThat(backlog.path("priorities").findValuesAsText("count")).containsExactly("1", "1", "2");
    assertThat(backlog.path("fairnessKeys").findValuesAsText("fairnessKey"))
        .containsExactly("k", "");
    assertThat(backlog.path("fairnessKeys").findValuesAsText("count")).containsExactly("3", "1");
    assertThat(backlog.path("fairnessKeys").findValuesAsText("weight")).containsExactly("2.5", "1");
  }

  @Test
  void whatIsLeasedAndWhoPollsIsTold() {
    job("a", "");
    job("b", "");
    Instant before =
        Instant.parse(described(client.post(QUEUE + "/pause")).at("/pausedAt").asText());
    client.post(QUEUE + "/unpause");

    poll("q", SOON);

    JsonNode queue = described();
    assertThat(queue.path("inFlight").asInt()).isEqualTo(1);
    assertThat(queue.at("/backlog/count").asInt()).isEqualTo(1);
    assertThat(queue.path("pollersSeen").asInt()).isEqualTo(1);
    assertThat(queue.path("pollers")).hasSize(1);
    assertThat(queue.at("/pollers/0/worker").asText()).isEqualTo("w");
    assertThat(Instant.parse(queue.at("/pollers/0/lastPollAt").asText()))
        .isBetween(before.minusSeconds(1), before.plusSeconds(60));
    assertThat(queue.at("/rates/addedPerSecond").asDouble()).isPositive();
    assertThat(queue.at("/rates/leasedPerSecond").asDouble()).isPositive();
  }

  @Test
  void eachLimitIsShownAsItWasSetWithItsSource() {
    String reason = "a downstream\\nallows no more";

    JsonNode queue =
        patched(
            "\"rateLimit\":{\"requestsPerSecond\":1000000,\"burst\":7},"
                + "\"fairnessKeyRateLimit\":{\"requestsPerSecond\":0.1},"
                + "\"fairnessKeyRateLimits\":{\"\":{\"requestsPerSecond\":0},"
                + "\"é k\":{\"requestsPerSecond\":2.25,\"burst\":1000000}},"
                + "\"destinationRateLimits\":"
                + "{\"https://[0:0:0:0:0:0:0:1]:443\":{\"requestsPerSecond\":3}},"
                + "\"fairnessWeights\":{\"a\":0.001,\"\":1000},"
                + "\"maxInFlight\":1000000000,"
                + "\"maxInFlightPerFairnessKey\":8,"
                + "\"maxInFlightPerDestination\":9,"
                + "\"reason\":\""
                + reason
                + "\"");

    assertThat(queue.path("limits").toString())
        .isEqualTo(
            "{\"rateLimit\":{\"requestsPerSecond\":1000000,\"burst\":7,\"source\":\"api\"},"
                + "\"fairnessKeyRateLimit\":{\"requestsPerSecond\":0.1,\"source\":\"api\"},"
                + "\"fairnessKeyRateLimits\":{\"\":{\"requestsPerSecond\":0,\"source\":\"api\"},"
                + "\"é k\":{\"requestsPerSecond\":2.25,\"burst\":1000000,\"source\":\"api\"}},"
                + "\"destinationRateLimits\":{\"https://[0:0:0:0:0:0:0:1]:443\":"
                + "{\"requestsPerSecond\":3,\"source\":\"api\"}},"
                + "\"fairnessWeights\":{\"\":{\"value\":1000,\"source\":\"api\"},"
                + "\"a\":{\"value\":0.001,\"source\":\"api\"}},"
                + "\"maxInFlight\":{\"value\":1000000000,\"source\":\"api\"},"
                + "\"maxInFlightPerFairnessKey\":{\"value\":8,\"source\":\"api\"},"
                + "\"maxInFlightPerDestination\":{\"value\":9,\"source\":\"api\"}}");
    assertThat(queue.path("reason").asText()).isEqualTo("a downstream\nallows no more");
    assertThat(queue.path("changedAt").asText()).endsWith("Z");
    JsonNode again = described();
    assertThat(again.path("limits")).isEqualTo(queue.path("limits"));
    assertThat(again.path("changedAt")).isEqualTo(queue.path("changedAt"));
  }

  @Test
  void whatIsAbsentStaysAndWhatIsNullIsRemoved() {
    patched(
        "\"rateLimit\":{\"requestsPerSecond\":5,\"burst\":7},\"maxInFlight\":50,"
            + "\"fairnessWeights\":{\"a\":2,\"b\":3},"
            + "\"fairnessKeyRateLimits\":{\"a\":{\"requestsPerSecond\":1}}");

    assertThat(
            patched("\"fairnessWeights\":{\"b\":null,\"c\":4,\"never\":null}")
                .at("/limits/fairnessWeights")
                .toString())
        .isEqualTo(
            "{\"a\":{\"value\":2,\"source\":\"api\"},\"c\":{\"value\":4,\"source\":\"api\"}}");
    assertThat(
            patched("\"rateLimit\":{\"requestsPerSecond\":6}").at("/limits/rateLimit").toString())
        .isEqualTo("{\"requestsPerSecond\":6,\"source\":\"api\"}");
    JsonNode less = patched("\"fairnessWeights\":null,\"rateLimit\":null").path("limits");
    assertThat(less.fieldNames())
        .toIterable()
        .containsExactly("fairnessKeyRateLimits", "maxInFlight");
    assertThat(patched("\"fairnessKeyRateLimits\":null,\"maxInFlight\":null").path("limits"))
        .isEmpty();
  }

  @Test
  void aRefusedChangeChangesNothing() {
    patched("\"maxInFlight\":50");
    Object before = live.keyspace();

    HttpAnswer refused =
        client.patch(QUEUE, "{\"maxInFlight\":60,\"rateLimit\":{\"requestsPerSecond\":0.05}}");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().path("detail").asText())
        .isEqualTo("rateLimit.requestsPerSecond must be 0 or from 0.1 to 1000000, not 0.05");
    assertThat(live.keyspace()).isEqualTo(before);
  }

  @Test
  void aMapThatWouldHaveTooManyEntriesIsRefused() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      all.append(i == 0 ? "" : ",").append("\"k").append(i).append("\":2");
    }
    patched("\"fairnessWeights\":{" + all + "}");
    Object before = live.keyspace();

    HttpAnswer refused = client.patch(QUEUE, "{\"fairnessWeights\":{\"k0\":3,\"more\":1}}");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().at("/errors/0/field").asText()).isEqualTo("fairnessWeights");
    assertThat(refused.json().path("detail").asText()).contains("1000").contains("1001");
    assertThat(live.keyspace()).isEqualTo(before);
    assertThat(
            patched("\"fairnessWeights\":{\"k0\":null,\"more\":1}").at("/limits/fairnessWeights"))
        .hasSize(1000);
  }

  @Test
  void aBoundHoldsUntilATaskIsReportedOrTheBoundIsRemoved() {
    assumeTrue(partitions == 1, "each partition gives one");
    job("a", "");
    job("b", "");
    job("c", "");
    patched("\"maxInFlight\":1");

    JsonNode first = poll("q", SOON);
    assertThat(poll("q", NOW)).isEmpty();
    complete(first);
    JsonNode second = poll("q", SOON);
    assertThat(second).hasSize(1);
    assertThat(poll("q", NOW)).isEmpty();
    patched("\"maxInFlight\":null");

    assertThat(poll("q", SOON)).hasSize(1);
  }

  @Test
  void aRateOfNothingHoldsTheQueueAndRemovedItGives() {
    job("a", "");
    patched("\"rateLimit\":{\"requestsPerSecond\":0}");

    assertThat(poll("q", NOW)).isEmpty();
    JsonNode queue = described();
    assertThat(queue.at("/backlog/count").asInt()).isEqualTo(1);
    assertThat(queue.path("inFlight").asInt()).isZero();
    patched("\"rateLimit\":null");

    assertThat(poll("q", SOON)).hasSize(1);
  }

  @Test
  void aRateGivesItsBurstAndNoMore() {
    for (int i = 0; i < 5; i++) {
      job("a" + i, "");
    }
    patched("\"rateLimit\":{\"requestsPerSecond\":0.1,\"burst\":2}");

    assertThat(poll("q", SOON + ",\"maxTasks\":2")).isNotEmpty();
    assertThat(pollAll("q")).isLessThanOrEqualTo(1);
    assertThat(described().path("inFlight").asInt()).isLessThanOrEqualTo(2);
    patched("\"rateLimit\":{\"requestsPerSecond\":1000}");

    int given = described().path("inFlight").asInt();
    while (given < 5) {
      given += poll("q", SOON + ",\"maxTasks\":5").size();
    }
  }

  @Test
  void aKeyThatIsHeldUpLeavesItsTurnToOthers() {
    job("a", "\"priority\":{\"priorityKey\":1,\"fairnessKey\":\"held\"}");
    job("b", "\"priority\":{\"priorityKey\":5,\"fairnessKey\":\"free\"}");
    patched("\"fairnessKeyRateLimits\":{\"held\":{\"requestsPerSecond\":0}}");

    assertThat(poll("q", SOON + ",\"maxTasks\":5").findValuesAsText("jobId")).containsExactly("b");
    assertThat(poll("q", NOW)).isEmpty();
    patched("\"fairnessKeyRateLimits\":{\"held\":null}");

    assertThat(poll("q", SOON).findValuesAsText("jobId")).containsExactly("a");
  }

  @Test
  void aDestinationThatIsHeldUpLeavesItsTurnToOthers() {
    webhook("e1", "http://held.example/a");
    webhook("e2", "http://free.example/a");
    String path = "/v1/task-queues/webhooks";
    client.patch(
        path, "{\"destinationRateLimits\":{\"http://held.example:80\":{\"requestsPerSecond\":0}}}");

    assertThat(poll("webhooks", SOON + ",\"maxTasks\":5").findValuesAsText("jobId"))
        .containsExactly("deliver-e2");
    client.patch(path, "{\"destinationRateLimits\":null}");

    assertThat(poll("webhooks", SOON).findValuesAsText("jobId")).containsExactly("deliver-e1");
  }

  @Test
  void aWeightSetForAKeyCountsForWhatWaitsAlready() {
    assumeTrue(partitions == 1, "weights hold within each partition");
    for (int i = 0; i < 40; i++) {
      job("a" + i, "\"priority\":{\"fairnessKey\":\"a\"}");
      job("b" + i, "\"priority\":{\"fairnessKey\":\"b\",\"fairnessWeight\":7}");
    }
    patched("\"fairnessWeights\":{\"a\":3,\"b\":1}");

    assertThat(described().at("/backlog/fairnessKeys").findValuesAsText("weight"))
        .containsExactlyInAnyOrder("3", "1");
    List<String> ids = poll("q", SOON + ",\"maxTasks\":40").findValuesAsText("jobId");
    assertThat(ids.stream().filter(id -> id.startsWith("a")).count()).isBetween(29L, 31L);
  }

  @Test
  void aPausedQueueGivesNothingUntilItIsUnpaused() {
    job("a", "");
    job("b", "");
    JsonNode running = poll("q", SOON);

    JsonNode paused = described(client.post(QUEUE + "/pause", "{\"reason\":\"a move\"}"));

    assertThat(paused.path("paused").asBoolean()).isTrue();
    assertThat(paused.path("pausedReason").asText()).isEqualTo("a move");
    assertThat(poll("q", NOW)).isEmpty();
    job("c", "");
    assertThat(described().at("/backlog/count").asInt()).isEqualTo(2);
    complete(running);
    JsonNode again = described(client.post(QUEUE + "/pause"));
    assertThat(again.path("pausedAt")).isEqualTo(paused.path("pausedAt"));
    JsonNode unpaused = described(client.post(QUEUE + "/unpause", "{}"));
    assertThat(unpaused.path("paused").asBoolean()).isFalse();
    assertThat(unpaused.has("pausedAt")).isFalse();
    assertThat(unpaused.has("pausedReason")).isFalse();
    assertThat(poll("q", SOON)).hasSize(1);
    assertThat(client.post(QUEUE + "/unpause").status()).isEqualTo(200);
  }

  @Test
  void aRepeatedRequestIdChangesNothing() {
    patched("\"maxInFlight\":50,\"requestId\":\"r1\"");

    JsonNode repeated = patched("\"maxInFlight\":60,\"reason\":\"x\",\"requestId\":\"r1\"");

    assertThat(repeated.at("/limits/maxInFlight/value").asInt()).isEqualTo(50);
    assertThat(repeated.has("reason")).isFalse();
    client.post(QUEUE + "/pause", "{\"requestId\":\"r1\"}");
    client.post(QUEUE + "/unpause");
    JsonNode stays = described(client.post(QUEUE + "/pause", "{\"requestId\":\"r1\"}"));
    assertThat(stays.path("paused").asBoolean()).isFalse();
    assertThat(
            described(client.post(QUEUE + "/pause", "{\"requestId\":\"r2\"}"))
                .path("paused")
                .asBoolean())
        .isTrue();
  }

  @Test
  void whatIsDividedOverPartitionsIsSaidAndHasItsShareInEach() {
    HttpAnswer tooFew = client.patch(QUEUE, "{\"maxInFlight\":3}");
    HttpAnswer enough = client.patch(QUEUE, "{\"maxInFlight\":4}");

    assertThat(enough.status()).isEqualTo(200);
    if (partitions == 1) {
      assertThat(tooFew.status()).isEqualTo(200);
      assertThat(enough.json().has("partitions")).isFalse();
      assertThat(enough.json().has("dividedLimits")).isFalse();
      return;
    }
    assertThat(tooFew.status()).isEqualTo(400);
    assertThat(tooFew.json().path("detail").asText())
        .isEqualTo(
            "maxInFlight must be at least 4, not 3: it is divided over the 4 partitions of the"
                + " store, and each needs at least one");
    for (String other : List.of("maxInFlightPerFairnessKey", "maxInFlightPerDestination")) {
      HttpAnswer refused = client.patch(QUEUE, "{\"" + other + "\":3}");
      assertThat(refused.json().at("/errors/0/field").asText()).isEqualTo(other);
    }
    assertThat(enough.json().path("partitions").asInt()).isEqualTo(4);
    assertThat(enough.json().path("dividedLimits").toString())
        .contains("maxInFlightPerFairnessKey")
        .doesNotContain("\"rateLimit\"");
    for (int i = 0; i < 40; i++) {
      job("a" + i, "");
    }
    assertThat(pollAll("q")).isEqualTo(4);
  }

  @Test
  void aBoundOfTheConfigurationIsShownAsSuchUntilAnotherIsSet() {
    webhook("e1", "http://held.example/a");
    LeaseRequest delivery =
        new LeaseRequest(new TaskQueue("default", "webhooks"), 10, "postrider/n1", true);
    live.await(() -> live.tasks().lease(delivery));
    String path = "/v1/task-queues/webhooks";

    assertThat(described(client.get(path)).path("limits").toString())
        .isEqualTo(
            "{\"maxInFlightPerDestination\":{\"value\":"
                + LiveApi.MAX_IN_FLIGHT_PER_DESTINATION
                + ",\"source\":\"configuration\"}}");

    assertThat(
            client
                .patch(path, "{\"maxInFlightPerDestination\":8}")
                .json()
                .path("limits")
                .toString())
        .isEqualTo("{\"maxInFlightPerDestination\":{\"value\":8,\"source\":\"api\"}}");
    assertThat(
            client
                .patch(path, "{\"maxInFlightPerDestination\":null}")
                .json()
                .at("/limits/maxInFlightPerDestination/source")
                .asText())
        .isEqualTo("configuration");
  }

  @Test
  void queuesAreListedInOrderOfTheirNamesPageByPage() {
    for (String queue : List.of("q3", "q1", "q\u00e92", "other/q")) {
      client.post("/v1/jobs", jobIn(queue, "in " + queue.replace('/', ' '), ""));
    }
    client.post("/v1/jobs?namespace=n", jobIn("q1", "elsewhere", ""));
    client.patch("/v1/task-queues/empty", "{\"maxInFlight\":4}");
    client.post("/v1/task-queues/q1/pause");

    List<String> names = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      JsonNode page = client.get("/v1/task-queues?pageSize=2" + token).json();
      pages++;
      assertThat(page.path("taskQueues").size()).isBetween(1, 2);
      names.addAll(page.path("taskQueues").findValuesAsText("taskQueue"));
      token = page.has("nextPageToken") ? "&pageToken=" + page.path("nextPageToken").asText() : "";
    } while (!token.isEmpty());

    assertThat(names).containsExactly("empty", "other/q", "q1", "q3", "q\u00e92");
    assertThat(pages).isEqualTo(3);
    assertThat(client.get("/v1/task-queues?namespace=n").body())
        .isEqualTo(
            "{\"taskQueues\":[{\"namespace\":\"n\",\"taskQueue\":\"q1\",\"paused\":false,"
                + "\"backlog\":{\"count\":1},\"inFlight\":0}]}");
    assertThat(client.get("/v1/task-queues?pageSize=5").json().has("nextPageToken")).isFalse();
    JsonNode q1 = client.get("/v1/task-queues").json().at("/taskQueues/2");
    assertThat(q1.path("paused").asBoolean()).isTrue();
  }

  private JsonNode described() {
    return described(client.get(QUEUE));
  }

  private JsonNode patched(String members) {
    return described(client.patch(QUEUE, "{" + members + "}"));
  }

  private static JsonNode described(HttpAnswer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer.json();
  }

  private JsonNode poll(String queue, String members) {
    HttpAnswer polled =
        client.post("/v1/task-queues/" + queue + "/poll", "{\"worker\":\"w\"," + members + "}");
    assertThat(polled.status()).as(polled.body()).isEqualTo(200);
    return polled.json().path("tasks");
  }

  /** Takes what there is, and says how many that were. */
  private int pollAll(String queue) {
    int all = 0;
    while (true) {
      int given = poll(queue, NOW + ",\"maxTasks\":100").size();
      if (given == 0) {
        return all;
      }
      all += given;
    }
  }

  private void complete(JsonNode tasks) {
    String token = tasks.at("/0/token").asText();
    assertThat(client.post("/v1/tasks/" + token + "/complete").status()).isEqualTo(200);
  }

  private void job(String id, String more) {
    HttpAnswer started = client.post("/v1/jobs", jobIn("q", id, more));
    assertThat(started.status()).as(started.body()).isEqualTo(201);
  }

  private static String jobIn(String queue, String id, String more) {
    return "{\"id\":\""
        + id
        + "\",\"type\":\"t\",\"taskQueue\":\""
        + queue
        + "\",\"startToCloseTimeout\":\"60s\""
        + (more.isEmpty() ? "" : "," + more)
        + "}";
  }

  private void webhook(String eventId, String url) {
    HttpAnswer started =
        client.post(
            "/v1/webhooks",
            "{\"eventId\":\"" + eventId + "\",\"url\":\"" + url + "\",\"payload\":{}}");
    assertThat(started.status()).as(started.body()).isEqualTo(201);
  }
}
