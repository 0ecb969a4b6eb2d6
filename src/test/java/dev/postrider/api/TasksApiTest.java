package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker's calls from one end to the other; every answer is held against the contract. */
@ParameterizedClass(name = "{0} partitions")
@ValueSource(ints = {1, 4})
@ExtendWith({VertxExtension.class, RedisExtension.class})
class TasksApiTest {

  private static final int PLACES = 3;

  private final int partitions;
  private LiveApi live;
  private ApiClient client;

  TasksApiTest(int partitions) {
    this.partitions = partitions;
  }

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, partitions, PLACES);
    client = live.client();
  }

  @Test
  void aTaskSaysAllThatItsWorkerNeeds() {
    job(
        "a/1",
        ",\"input\": { \"to\" : \"ada\" } ,\"heartbeatTimeout\":\"10s\","
            + "\"priority\":{\"priorityKey\":2,\"fairnessKey\":\"t\"}");

    HttpAnswer answer = poll("q", "\"worker\":\"w\"");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("notices")).isEmpty();
    assertThat(answer.json().path("tasks")).hasSize(1);
    JsonNode task = answer.json().at("/tasks/0");
    assertThat(task.path("jobId").asText()).isEqualTo("a/1");
    assertThat(task.path("namespace").asText()).isEqualTo("default");
    assertThat(task.path("type").asText()).isEqualTo("t");
    assertThat(task.path("taskQueue").asText()).isEqualTo("q");
    assertThat(task.path("attempt").asInt()).isEqualTo(1);
    assertThat(task.path("idempotencyKey").asText()).isEqualTo("job:default/a/1");
    assertThat(answer.body()).contains("\"input\":{ \"to\" : \"ada\" },");
    assertThat(task.has("heartbeatDetails")).isFalse();
    assertThat(task.at("/priority/priorityKey").asInt()).isEqualTo(2);
    assertThat(task.path("heartbeatTimeout").asText()).isEqualTo("10s");
    assertThat(task.path("token").asText()).matches("[A-Za-z0-9_-]+");
    JsonNode job = client.get("/v1/jobs/a%2F1").json();
    assertThat(job.path("runId")).isEqualTo(task.path("runId"));
    assertThat(job.path("worker").asText()).isEqualTo("w");
    assertThat(job.at("/attempts/0/startedAt")).isEqualTo(task.path("startedAt"));
    assertThat(java.time.Instant.parse(task.path("deadlineAt").asText()))
        .isEqualTo(java.time.Instant.parse(task.path("startedAt").asText()).plusSeconds(10));
  }

  @Test
  void aDeliveryHasTheKeyThatItsReceiverIsSent() {
    client.post(
        "/v1/webhooks", "{\"eventId\":\"evt:1\",\"url\":\"http://127.0.0.1:9/\",\"payload\":{}}");

    JsonNode task = poll("webhooks", "\"worker\":\"w\"").json().at("/tasks/0");

    assertThat(task.path("idempotencyKey").asText()).isEqualTo("webhook:evt:1");
    assertThat(task.path("jobId").asText()).isEqualTo("deliver-evt:1");
  }

  @Test
  void asManyTasksAreGivenAsAreAskedForAndThere() {
    for (int i = 0; i < 5; i++) {
      job("a" + i, "");
    }

    assertThat(ids(poll("q", "\"worker\":\"w\",\"maxTasks\":3"))).hasSize(3);
    assertThat(ids(poll("q", "\"worker\":\"w\",\"maxTasks\":1000"))).hasSize(2);
    assertThat(ids(poll("q", "\"worker\":\"w\",\"wait\":\"0s\""))).isEmpty();
    assertThat(ids(poll("q", "\"worker\":\"w\",\"wait\":\"30ms\""))).isEmpty();
  }

  @Test
  void queuesOfTwoNamespacesAreTwo() {
    job("a", "");

    HttpAnswer other =
        client.post("/v1/task-queues/q/poll?namespace=other", "{\"worker\":\"w\",\"wait\":\"0s\"}");

    assertThat(ids(other)).isEmpty();
    assertThat(ids(poll("q", "\"worker\":\"w\""))).containsExactly("a");
  }

  @Test
  void aTaskThatCameOverHttp2StaysWithItsWorker() throws Exception {
    job("a", "");
    HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();

    HttpResponse<String> polled = post(http2, "/v1/task-queues/q/poll", "{\"worker\":\"w\"}");
    String token =
        new HttpAnswer(polled.statusCode(), polled.headers().map(), polled.body())
            .json()
            .at("/tasks/0/token")
            .asText();

    assertThat(polled.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(post(http2, "/v1/tasks/" + token + "/complete", "{}").statusCode()).isEqualTo(200);
    assertThat(client.get("/v1/jobs/a").json().path("attempts")).hasSize(1);
  }

  private HttpResponse<String> post(HttpClient http, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(client.url() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aParkedPollIsGivenTheJobThatIsStarted() throws Exception {
    CompletableFuture<HttpAnswer> parked = parked("q");

    job("late", "");

    assertThat(ids(parked.get(30, TimeUnit.SECONDS))).containsExactly("late");
  }

  @Test
  void onePollTooManyIsToldToComeAgain() throws Exception {
    List<CompletableFuture<HttpAnswer>> all = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      all.add(parked("q" + i));
    }

    HttpAnswer refused = poll("q", "\"worker\":\"w\"");

    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.code()).isEqualTo("too_many_polls");
    assertThat(refused.header("Retry-After")).isEqualTo("1");
    assertThat(ids(poll("q", "\"worker\":\"w\",\"wait\":\"0s\""))).isEmpty();
    client.post("/v1/jobs", jobIn("q0", "a"));
    all.get(0).get(30, TimeUnit.SECONDS);
    assertThat(poll("q", "\"worker\":\"w\",\"wait\":\"1ms\"").status()).isEqualTo(200);
  }

  @Test
  void aCompletedTaskClosesItsJob() {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));

    HttpAnswer done = client.post("/v1/tasks/" + token + "/complete", "{\"result\": [ 1 ] }");

    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().path("id").asText()).isEqualTo("a");
    assertThat(done.json().path("status").asText()).isEqualTo("completed");
    assertThat(done.json().has("tasks")).isFalse();
    assertThat(client.get("/v1/jobs/a/result").body()).contains("\"result\":[ 1 ]}");
    assertThat(client.post("/v1/tasks/" + token + "/complete").body())
        .as("repeated")
        .isEqualTo(done.body());
    assertThat(client.post("/v1/tasks/" + token + "/fail", failure("")).code())
        .isEqualTo("lease_lost");
  }

  @Test
  void aFailedTaskIsTriedAgainWhenItsFailureSays() {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));

    HttpAnswer failed =
        client.post(
            "/v1/tasks/" + token + "/fail",
            failure(
                ",\"message\":\"no\\nluck \\u001b[1m\",\"nextRetryDelay\":\"1h\",\"details\": [ 1 ] ,"
                    + "\"cause\":{\"type\":\"inner\",\"nonRetryable\":true}"));

    assertThat(failed.status()).isEqualTo(200);
    assertThat(failed.json().path("status").asText()).isEqualTo("running");
    assertThat(failed.json().path("runState").asText()).isEqualTo("scheduled");
    JsonNode job = client.get("/v1/jobs/a").json();
    assertThat(job.path("nextAttemptAt")).isEqualTo(failed.json().path("nextAttemptAt"));
    assertThat(job.path("attempt").asInt()).isEqualTo(2);
    assertThat(job.at("/failure/message").asText()).isEqualTo("no\nluck \u001b[1m");
    assertThat(job.at("/failure/nextRetryDelay").asText()).isEqualTo("1h");
    assertThat(job.at("/failure/details").toString()).isEqualTo("[1]");
    assertThat(job.at("/failure/cause/type").asText()).isEqualTo("inner");
    assertThat(client.post("/v1/tasks/" + token + "/fail", failure("")).body())
        .as("repeated")
        .isEqualTo(failed.body());
    client.post("/v1/jobs/a/retry-now");
    JsonNode task = poll("q", "\"worker\":\"w\"").json().at("/tasks/0");
    assertThat(task.path("attempt").asInt()).isEqualTo(2);
    assertThat(client.post("/v1/tasks/" + token + "/fail", failure("")).code())
        .isEqualTo("lease_lost");
  }

  @Test
  void aNonRetryableFailureClosesTheJob() {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));

    HttpAnswer failed =
        client.post("/v1/tasks/" + token + "/fail", failure(",\"nonRetryable\":true"));

    assertThat(failed.json().path("status").asText()).isEqualTo("failed");
    assertThat(client.get("/v1/jobs/a").json().path("retryState").asText())
        .isEqualTo("non_retryable_failure");
  }

  @Test
  void aTaskThatIsHandedBackIsTheNextOneAndHasCostNothing() {
    job("a", "");
    job("b", "");
    HttpAnswer polled = poll("q", "\"worker\":\"w\"");
    String id = ids(polled).get(0);

    assertThat(client.post("/v1/tasks/" + token(polled) + "/hand-back", "{}").status())
        .isEqualTo(204);

    assertThat(client.post("/v1/tasks/" + token(polled) + "/hand-back", "{}").status())
        .describedAs("the same again")
        .isEqualTo(204);

    HttpAnswer again = poll("q", "\"worker\":\"w2\",\"maxTasks\":2");
    assertThat(ids(again)).contains(id);
    assertThat(client.post("/v1/tasks/" + token(polled) + "/hand-back").code())
        .isEqualTo("lease_lost");
    if (partitions == 1) {
      assertThat(ids(again).get(0)).isEqualTo(id);
    }
    again.json().path("tasks").forEach(t -> assertThat(t.path("attempt").asInt()).isEqualTo(1));
    assertThat(client.post("/v1/tasks/" + token(polled) + "/complete").code())
        .isEqualTo("lease_lost");
  }

  @Test
  void aResultThatIsTooLongEndsTheAttemptForGood() {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));

    HttpAnswer refused =
        client.post(
            "/v1/tasks/" + token + "/complete", "{\"result\":\"" + "x".repeat(1 << 20) + "\"}");

    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.code()).isEqualTo("result_too_large");
    JsonNode job = client.get("/v1/jobs/a").json();
    assertThat(job.path("status").asText()).isEqualTo("failed");
    assertThat(job.at("/failure/type").asText()).isEqualTo("result_too_large");
  }

  @Test
  void aHeartbeatIsKeptForTheNextAttemptAndSaysWhatIsAsked() {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));

    HttpAnswer beat =
        client.post("/v1/tasks/" + token + "/heartbeat", "{\"details\": { \"i\": 4 } }");
    assertThat(beat.status()).isEqualTo(200);
    assertThat(beat.body())
        .isEqualTo("{\"cancelRequested\":false,\"pauseRequested\":false,\"resetRequested\":false}");
    HttpAnswer job = client.get("/v1/jobs/a");
    assertThat(job.body()).contains("\"heartbeatDetails\":{ \"i\": 4 },");
    assertThat(job.json().at("/attempts/0/heartbeats").asInt()).isEqualTo(1);
    assertThat(job.json().path("lastHeartbeatAt").asText()).isNotEmpty();

    client.post("/v1/jobs/a/cancel");
    assertThat(client.post("/v1/tasks/" + token + "/heartbeat").json().path("cancelRequested"))
        .isEqualTo(com.fasterxml.jackson.databind.node.BooleanNode.TRUE);
  }

  @Test
  void theNextAttemptGoesOnWhereTheLastOneStopped() {
    job("a", "");
    String first = token(poll("q", "\"worker\":\"w\""));
    client.post("/v1/jobs/a/heartbeat", "{\"details\":[1],\"attempt\":1}");
    assertThat(client.post("/v1/jobs/a/heartbeat", "{\"attempt\":2}").code())
        .isEqualTo("lease_lost");
    client.post(
        "/v1/tasks/" + first + "/fail",
        failure("").replace("}}", "},\"heartbeatDetails\": [ 2 ] }"));
    client.post("/v1/jobs/a/retry-now");

    HttpAnswer again = poll("q", "\"worker\":\"w\"");

    assertThat(again.body()).contains("\"heartbeatDetails\":[ 2 ],");
    assertThat(client.post("/v1/tasks/" + first + "/heartbeat").code()).isEqualTo("lease_lost");
  }

  @Test
  void aCanceledTaskClosesItsJobOnceThatIsAskedFor() {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));
    HttpAnswer early = client.post("/v1/tasks/" + token + "/canceled");
    assertThat(early.status()).isEqualTo(409);
    assertThat(early.code()).isEqualTo("invalid_state");
    assertThat(early.json().path("runState").asText()).isEqualTo("started");
    client.post("/v1/jobs/a/cancel");

    HttpAnswer canceled = client.post("/v1/tasks/" + token + "/canceled", "{\"details\": [ 1 ] }");

    assertThat(canceled.status()).isEqualTo(200);
    assertThat(canceled.json().path("status").asText()).isEqualTo("canceled");
    assertThat(client.get("/v1/jobs/a/result").body()).contains("[ 1 ]");
    assertThat(client.post("/v1/tasks/" + token + "/canceled").body()).isEqualTo(canceled.body());
    assertThat(client.post("/v1/tasks/" + token + "/heartbeat").code()).isEqualTo("lease_lost");
  }

  @Test
  void aCancellationIsToldWithTheNextPollAndOnlyOnce() throws Exception {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));
    CompletableFuture<HttpAnswer> parked = parked("q");

    client.post("/v1/jobs/a/cancel");

    JsonNode told = parked.get(30, TimeUnit.SECONDS).json();
    assertThat(told.path("tasks")).isEmpty();
    assertThat(told.at("/notices/0/token").asText()).isEqualTo(token);
    assertThat(told.at("/notices/0/cancelRequested").asBoolean()).isTrue();
    assertThat(told.at("/notices/0/pauseRequested").asBoolean()).isFalse();
    assertThat(poll("q", "\"worker\":\"w\",\"wait\":\"0s\"").json().path("notices")).isEmpty();
  }

  @Test
  void detailsThatAreTooLongEndTheAttemptForGood() {
    String details = "{\"details\":\"" + "x".repeat(1 << 18) + "\"}";
    for (String how : List.of("heartbeat", "canceled", "fail", "by id")) {
      job(how.replace(' ', '-'), "");
      String token = token(poll("q", "\"worker\":\"w\""));
      HttpAnswer refused =
          switch (how) {
            case "by id" -> client.post("/v1/jobs/by-id/heartbeat", details);
            case "fail" ->
                client.post(
                    "/v1/tasks/" + token + "/fail",
                    failure("").replace("}}", "},")
                        + details.substring(1).replace("details", "heartbeatDetails"));
            default -> client.post("/v1/tasks/" + token + "/" + how, details);
          };
      assertThat(refused.status()).as(how).isEqualTo(413);
      assertThat(refused.code()).isEqualTo("result_too_large");
      JsonNode job = client.get("/v1/jobs/" + how.replace(' ', '-')).json();
      assertThat(job.path("status").asText()).as(how).isEqualTo("failed");
      assertThat(job.at("/failure/type").asText()).isEqualTo("result_too_large");
    }
  }

  @Test
  void aReportBringsTheNextTasks() throws Exception {
    job("a", "");
    job("b", "");
    HttpAnswer first = poll("q", "\"worker\":\"w\"");

    HttpAnswer done =
        client.post(
            "/v1/tasks/" + token(first) + "/complete",
            "{\"next\":{\"maxTasks\":5,\"wait\":\"0s\"}}");

    assertThat(done.json().path("status").asText()).isEqualTo("completed");
    assertThat(ids(done)).hasSize(1);
    String second = ids(done).get(0);
    assertThat(client.get("/v1/jobs/" + second).json().path("worker").asText()).isEqualTo("w");
    String failing = token(done);
    int before = live.freePolls();
    CompletableFuture<HttpAnswer> waiting =
        CompletableFuture.supplyAsync(
            () ->
                client.post(
                    "/v1/tasks/" + failing + "/fail",
                    failure(",\"nonRetryable\":true")
                        .replace("}}", "},\"next\":{\"wait\":\"60s\"}}")));
    while (live.freePolls() == before) {
      Thread.onSpinWait();
    }
    job("c", "");
    HttpAnswer failed = waiting.get(30, TimeUnit.SECONDS);
    assertThat(failed.json().path("status").asText()).isEqualTo("failed");
    assertThat(ids(failed)).containsExactly("c");

    client.post("/v1/jobs/c/cancel");
    HttpAnswer canceled =
        client.post("/v1/tasks/" + token(failed) + "/canceled", "{\"next\":{\"wait\":\"1ms\"}}");
    assertThat(canceled.json().path("status").asText()).isEqualTo("canceled");
    assertThat(ids(canceled)).isEmpty();
  }

  @Test
  void aReportIsTakenWhereNoPollMayWait() {
    job("a", "");
    String token = token(poll("q", "\"worker\":\"w\""));
    List<CompletableFuture<HttpAnswer>> all = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      all.add(parked("q" + i));
    }

    HttpAnswer done = client.post("/v1/tasks/" + token + "/complete", "{\"next\":{}}");

    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().path("status").asText()).isEqualTo("completed");
    assertThat(ids(done)).isEmpty();
    assertThat(all).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void aTokenThatNoLeaseGaveIsNone() {
    for (String token : List.of("x", "AQ", "%F0%9F%98%80", "x".repeat(4097))) {
      for (String verb : List.of("complete", "fail", "canceled", "heartbeat", "hand-back")) {
        HttpAnswer refused = client.post("/v1/tasks/" + token + "/" + verb, "{}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("invalid_token");
      }
    }
  }

  @Test
  void theTokenOfADeletedOrClosedJobIsLost() {
    job("a", "");
    job("b", "");
    HttpAnswer polled = poll("q", "\"worker\":\"w\",\"maxTasks\":2");
    client.delete("/v1/jobs/a");
    client.post("/v1/jobs/b/terminate");

    for (JsonNode task : polled.json().path("tasks")) {
      String path = "/v1/tasks/" + task.path("token").asText();
      assertThat(client.post(path + "/complete").code()).isEqualTo("lease_lost");
      assertThat(client.post(path + "/fail", failure("")).code()).isEqualTo("lease_lost");
      assertThat(client.post(path + "/hand-back").code()).isEqualTo("lease_lost");
    }
  }

  private CompletableFuture<HttpAnswer> parked(String queue) {
    int before = live.freePolls();
    CompletableFuture<HttpAnswer> parked =
        CompletableFuture.supplyAsync(() -> poll(queue, "\"worker\":\"w\",\"wait\":\"60s\""));
    while (live.freePolls() == before) {
      Thread.onSpinWait();
    }
    return parked;
  }

  private HttpAnswer poll(String queue, String members) {
    return client.post("/v1/task-queues/" + queue + "/poll", "{" + members + "}");
  }

  private void job(String id, String more) {
    String body = jobIn("q", id);
    HttpAnswer started = client.post("/v1/jobs", body.substring(0, body.length() - 1) + more + "}");
    assertThat(started.status()).as(started.body()).isEqualTo(201);
  }

  private static String jobIn(String queue, String id) {
    return "{\"id\":\""
        + id
        + "\",\"type\":\"t\",\"taskQueue\":\""
        + queue
        + "\",\"startToCloseTimeout\":\"60s\"}";
  }

  private static String failure(String more) {
    return "{\"failure\":{\"type\":\"broken\"" + more + "}}";
  }

  private static String token(HttpAnswer polled) {
    return polled.json().at("/tasks/0/token").asText();
  }

  private static List<String> ids(HttpAnswer polled) {
    assertThat(polled.status()).as(polled.body()).isEqualTo(200);
    List<String> ids = new ArrayList<>();
    polled.json().path("tasks").forEach(task -> ids.add(task.path("jobId").asText()));
    return ids;
  }
}
