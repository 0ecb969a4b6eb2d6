package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.Task;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The calls on jobs from one end to the other; every answer is held against the contract. */
@ParameterizedClass(name = "{0} partitions")
@ValueSource(ints = {1, 4})
@ExtendWith({VertxExtension.class, RedisExtension.class})
class JobsApiTest {

  private final int partitions;
  private LiveApi live;
  private ApiClient client;

  JobsApiTest(int partitions) {
    this.partitions = partitions;
  }

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, partitions, 10);
    client = live.client();
  }

  @Test
  void aStartedJobIsDescribedWithItsDefaults() {
    HttpAnswer started = client.post("/v1/jobs", job("a", ""));

    assertThat(started.status()).isEqualTo(201);
    JsonNode job = started.json();
    assertThat(job.path("started").asBoolean()).isTrue();
    assertThat(job.path("namespace").asText()).isEqualTo("default");
    assertThat(job.path("status").asText()).isEqualTo("running");
    assertThat(job.path("runState").asText()).isEqualTo("scheduled");
    assertThat(job.path("waitingFor").asText()).isEqualTo("turn");
    assertThat(job.path("attempt").asInt()).isEqualTo(1);
    assertThat(job.path("retryPolicy").toString())
        .isEqualTo(
            "{\"initialInterval\":\"1s\",\"backoffCoefficient\":2,\"maximumInterval\":\"100s\","
                + "\"maximumAttempts\":0,\"nonRetryableErrorTypes\":[],\"jitter\":0}");
    assertThat(job.path("priority").toString())
        .isEqualTo("{\"priorityKey\":3,\"fairnessWeight\":1}");
    assertThat(job.path("attempts")).isEmpty();
    assertThat(job.has("input")).isFalse();
    assertThat(job.has("scheduleToCloseTimeout")).isFalse();

    HttpAnswer described = client.get("/v1/jobs/a");
    assertThat(described.status()).isEqualTo(200);
    assertThat(described.json().path("runId")).isEqualTo(job.path("runId"));
    assertThat(described.json().path("createdAt")).isEqualTo(job.path("createdAt"));
  }

  @Test
  void anIdIsChosenWhereNoneIsGiven() {
    String body = "{\"type\":\"t\",\"taskQueue\":\"q\",\"startToCloseTimeout\":\"5s\"}";

    String first = client.post("/v1/jobs", body).json().path("id").asText();
    String second = client.post("/v1/jobs", body).json().path("id").asText();

    assertThat(first).isNotEmpty().isNotEqualTo(second);
    assertThat(client.get("/v1/jobs/" + first).status()).isEqualTo(200);
  }

  @Test
  void everyOptionComesBackNormalised() {
    JsonNode job =
        client
            .post(
                "/v1/jobs?namespace=n%2F1",
                job(
                    "all",
                    ",\"scheduleToCloseTimeout\":\"60s\",\"startToCloseTimeout\":\"2m\","
                        + "\"heartbeatTimeout\":\"3600000ms\","
                        + "\"retryPolicy\":{\"initialInterval\":\"500ms\",\"backoffCoefficient\":1.5,"
                        + "\"maximumAttempts\":7,\"nonRetryableErrorTypes\":[\"http.404\",\"é\"],\"jitter\":0.25},"
                        + "\"priority\":{\"priorityKey\":1,\"fairnessKey\":\"tenant\",\"fairnessWeight\":0.5},"
                        + "\"startDelay\":\"1h\",\"startPaused\":true,\"summary\":\"one line\","
                        + "\"details\":\"two\\nlines\",\"searchAttributes\":{\"customer\":\"ada\",\"n\":[\"x\"]},"
                        + "\"requestId\":\"r1\",\"onPayloadMismatch\":\"reject\""))
            .json();

    assertThat(job.path("namespace").asText()).isEqualTo("n/1");
    assertThat(job.path("scheduleToCloseTimeout").asText()).isEqualTo("1m");
    assertThat(job.path("scheduleToStartTimeout").asText()).isEqualTo("1m");
    assertThat(job.path("startToCloseTimeout").asText()).isEqualTo("1m");
    assertThat(job.path("heartbeatTimeout").asText()).isEqualTo("1m");
    assertThat(job.path("retryPolicy").toString())
        .isEqualTo(
            "{\"initialInterval\":\"500ms\",\"backoffCoefficient\":1.5,\"maximumInterval\":\"50s\","
                + "\"maximumAttempts\":7,\"nonRetryableErrorTypes\":[\"http.404\",\"é\"],\"jitter\":0.25}");
    assertThat(job.path("priority").toString())
        .isEqualTo("{\"priorityKey\":1,\"fairnessKey\":\"tenant\",\"fairnessWeight\":0.5}");
    assertThat(job.path("status").asText()).isEqualTo("paused");
    assertThat(job.path("summary").asText()).isEqualTo("one line");
    assertThat(job.path("details").asText()).isEqualTo("two\nlines");
    assertThat(job.path("searchAttributes").toString())
        .isEqualTo("{\"customer\":\"ada\",\"n\":[\"x\"]}");
    assertThat(client.get("/v1/jobs/all?namespace=n%2F1").json().path("searchAttributes"))
        .isEqualTo(job.path("searchAttributes"));
    assertThat(client.get("/v1/jobs/all").code()).isEqualTo("job_not_found");
  }

  @Test
  void aValueComesBackByteByByte() {
    List<String> values =
        List.of(
            "null",
            "0",
            "-0.0",
            "1.50",
            "1E400",
            "\"\"",
            "\"\\u00e9\\/é😀\"",
            "[ 1 ,\t2 ]",
            "{ \"b\" : 1.0,\n\"a\":[{}] }",
            "123456789012345678901234567890");
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      String body = job("v" + i, " , \"input\" :  " + value + "  ");
      assertThat(client.post("/v1/jobs", body).body()).contains("\"input\":" + value + ",");
      assertThat(client.get("/v1/jobs/v" + i).body()).contains("\"input\":" + value + ",");
      HttpAnswer done = client.post("/v1/jobs/v" + i + "/complete", "{\"result\": " + value + " }");
      assertThat(done.status()).isEqualTo(200);
      assertThat(client.get("/v1/jobs/v" + i + "/result").body())
          .contains("\"result\":" + value + "}");
    }
  }

  @Test
  void anInputOfTheGreatestLengthIsKept() {
    String input = "\"" + "x".repeat((1 << 20) - 2) + "\"";

    assertThat(client.post("/v1/jobs", job("long", ",\"input\":" + input)).status()).isEqualTo(201);
    assertThat(client.get("/v1/jobs/long").body()).contains(input);
  }

  @Test
  void idsAreWhatTheyAreWhateverTheyAreMadeOf() {
    for (String id : List.of("a/b", "a b", "é😀", "%2F", "...", "a+b", "a?b#c", "x".repeat(1000))) {
      String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
      assertThat(client.post("/v1/jobs", job(id, "")).status()).as(id).isEqualTo(201);
      assertThat(client.get("/v1/jobs/" + encoded).json().path("id").asText()).isEqualTo(id);
      assertThat(client.delete("/v1/jobs/" + encoded).status()).isEqualTo(204);
    }
  }

  @Test
  void anIdThatIsTakenIsAnsweredByItsPolicies() {
    String runId = client.post("/v1/jobs", job("a", ",\"input\":1")).json().path("runId").asText();

    HttpAnswer refused = client.post("/v1/jobs", job("a", ",\"input\":1"));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.code()).isEqualTo("job_already_started");
    assertThat(refused.json().path("runId").asText()).isEqualTo(runId);

    HttpAnswer existing =
        client.post("/v1/jobs", job("a", ",\"input\":2,\"idConflictPolicy\":\"use_existing\""));
    assertThat(existing.status()).isEqualTo(200);
    assertThat(existing.json().path("started").asBoolean()).isFalse();
    assertThat(existing.json().path("runId").asText()).isEqualTo(runId);

    HttpAnswer mismatch =
        client.post(
            "/v1/jobs",
            job(
                "a",
                ",\"input\":2,\"idConflictPolicy\":\"use_existing\",\"onPayloadMismatch\":\"reject\""));
    assertThat(mismatch.status()).isEqualTo(409);
    assertThat(mismatch.code()).isEqualTo("payload_mismatch");
    assertThat(mismatch.json().path("runId").asText()).isEqualTo(runId);

    HttpAnswer replaced =
        client.post("/v1/jobs", job("a", ",\"idConflictPolicy\":\"terminate_existing\""));
    assertThat(replaced.status()).isEqualTo(201);
    assertThat(client.get("/v1/jobs/a?runId=" + runId).json().path("status").asText())
        .isEqualTo("terminated");

    client.post("/v1/jobs/a/complete", "{\"result\":[7]}");
    HttpAnswer outcome =
        client.post("/v1/jobs", job("a", ",\"idReusePolicy\":\"return_existing\""));
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.json().path("result").toString()).isEqualTo("[7]");
    assertThat(client.post("/v1/jobs", job("a", ",\"idReusePolicy\":\"reject_duplicate\"")).code())
        .isEqualTo("job_already_started");
  }

  @Test
  void aRepeatedRequestIdIsAnsweredByTheRunItStarted() {
    String runId =
        client.post("/v1/jobs", job("a", ",\"requestId\":\"r\"")).json().path("runId").asText();

    HttpAnswer again = client.post("/v1/jobs", job("a", ",\"input\":9,\"requestId\":\"r\""));

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.json().path("runId").asText()).isEqualTo(runId);
    assertThat(again.json().path("started").asBoolean()).isFalse();
  }

  @Test
  void aWebhookIsAJobWithDefaultsOfItsOwn() {
    HttpAnswer started =
        client.post(
            "/v1/webhooks",
            "{\"eventId\":\"evt:1\",\"url\":\"http://127.0.0.1:9/h\",\"payload\": { \"a\" : 1.0 } ,"
                + "\"headers\":{\"X-Own\":\"v\"},\"priority\":{\"priorityKey\":2}}");

    assertThat(started.status()).isEqualTo(201);
    JsonNode job = started.json();
    assertThat(job.path("id").asText()).isEqualTo("deliver-evt:1");
    assertThat(job.path("type").asText()).isEqualTo("deliver-webhook");
    assertThat(job.path("taskQueue").asText()).isEqualTo("webhooks");
    assertThat(job.path("startToCloseTimeout").asText()).isEqualTo("15s");
    assertThat(job.path("scheduleToCloseTimeout").asText()).isEqualTo("3d");
    assertThat(job.at("/retryPolicy/maximumInterval").asText()).isEqualTo("6h");
    assertThat(job.at("/priority/priorityKey").asInt()).isEqualTo(2);
    assertThat(started.body())
        .contains(
            "\"input\":{\"eventId\":\"evt:1\",\"url\":\"http://127.0.0.1:9/h\","
                + "\"payload\":{ \"a\" : 1.0 },\"headers\":{\"X-Own\":\"v\"}}");

    HttpAnswer asJob =
        client.post(
            "/v1/jobs",
            "{\"type\":\"deliver-webhook\",\"taskQueue\":\"other\",\"startToCloseTimeout\":\"5s\","
                + "\"input\":{\"eventId\":\"e\",\"url\":\"https://h/\",\"payload\":null}}");
    assertThat(asJob.status()).isEqualTo(201);
  }

  @Test
  void aBatchStartsEachJobOnItsOwn() {
    client.post("/v1/jobs", job("taken", ""));

    HttpAnswer answer =
        client.post(
            "/v1/jobs/batch",
            "{\"jobs\":["
                + job("b1", ",\"input\":[ 1 ]")
                + ","
                + job("taken", "")
                + ","
                + job("taken", ",\"idConflictPolicy\":\"use_existing\"")
                + ",{\"id\":\"bad\"},"
                + job("b2", "")
                + "]}");

    assertThat(answer.status()).isEqualTo(200);
    List<Integer> statuses = new ArrayList<>();
    answer.json().path("results").forEach(r -> statuses.add(r.path("status").asInt()));
    assertThat(statuses).containsExactly(201, 409, 200, 400, 201);
    assertThat(answer.json().at("/results/0/job/id").asText()).isEqualTo("b1");
    assertThat(answer.body()).contains("\"input\":[ 1 ]");
    assertThat(answer.json().at("/results/1/problem/code").asText())
        .isEqualTo("job_already_started");
    assertThat(client.get("/v1/jobs/b2").status()).isEqualTo(200);
    assertThat(client.get("/v1/jobs/bad").status()).isEqualTo(404);
  }

  @Test
  void aBatchOfTheGreatestSizeIsTaken() {
    StringBuilder jobs = new StringBuilder("{\"jobs\":[");
    for (int i = 0; i < 1000; i++) {
      jobs.append(i == 0 ? "" : ",").append(job("m" + i, ""));
    }

    HttpAnswer answer = client.post("/v1/jobs/batch", jobs.append("]}").toString());

    assertThat(answer.json().path("results")).hasSize(1000);
    answer.json().path("results").forEach(r -> assertThat(r.path("status").asInt()).isEqualTo(201));
  }

  @Test
  void aResultIsWaitedFor() throws Exception {
    client.post("/v1/jobs", job("a", ""));
    HttpAnswer early = client.get("/v1/jobs/a/result");
    assertThat(early.status()).isEqualTo(202);
    assertThat(early.json().path("runState").asText()).isEqualTo("scheduled");

    CompletableFuture<HttpAnswer> waiting =
        CompletableFuture.supplyAsync(() -> client.get("/v1/jobs/a/result?wait=60s"));
    CompletableFuture<HttpAnswer> starting =
        CompletableFuture.supplyAsync(() -> client.post("/v1/jobs?wait=60s", job("b", "")));
    while (client.get("/v1/jobs/b").status() != 200) {
      Thread.onSpinWait();
    }
    client.post("/v1/jobs/a/complete", "{\"result\":\"done\"}");
    client.post("/v1/jobs/b/complete", "{\"result\":5}");

    HttpAnswer result = waiting.get(30, TimeUnit.SECONDS);
    assertThat(result.status()).isEqualTo(200);
    assertThat(result.json().path("result").asText()).isEqualTo("done");
    HttpAnswer started = starting.get(30, TimeUnit.SECONDS);
    assertThat(started.status()).isEqualTo(201);
    assertThat(started.json().path("status").asText()).isEqualTo("completed");
    assertThat(started.json().path("result").asInt()).isEqualTo(5);
    assertThat(client.get("/v1/jobs/a/result?wait=1ms").status()).isEqualTo(200);
  }

  @Test
  void aWaitThatIsOverIsAnsweredWithTheStateAsItIs() {
    client.post("/v1/jobs", job("a", ""));

    assertThat(client.get("/v1/jobs/a/result?wait=20ms").status()).isEqualTo(202);
    HttpAnswer started = client.post("/v1/jobs?wait=20ms", job("b", ""));
    assertThat(started.status()).isEqualTo(201);
    assertThat(started.json().path("status").asText()).isEqualTo("running");
  }

  @Test
  void aFailureIsTold() {
    client.post("/v1/jobs", job("a", ",\"retryPolicy\":{\"maximumAttempts\":1}"));
    Task task = live.lease("q");
    Failure cause = new Failure("inner", "deep", true, null, null, null);
    Failure failure =
        new Failure("http.500", "no \"luck\"", false, null, Buffer.buffer("{ \"x\":1 }"), cause);
    live.await(() -> live.store().fail(new FailureReport(task.token(), failure, null)));

    HttpAnswer result = client.get("/v1/jobs/a/result");
    assertThat(result.json().path("status").asText()).isEqualTo("failed");
    assertThat(result.json().path("retryState").asText()).isEqualTo("maximum_attempts_reached");
    assertThat(result.json().at("/failure/message").asText()).isEqualTo("no \"luck\"");
    assertThat(result.json().at("/failure/cause/type").asText()).isEqualTo("inner");
    assertThat(result.body()).contains("\"details\":{ \"x\":1 }");
    JsonNode attempt = client.get("/v1/jobs/a").json().at("/attempts/0");
    assertThat(attempt.path("outcome").asText()).isEqualTo("failed");
    assertThat(attempt.path("worker").asText()).isEqualTo("w1");
  }

  @Test
  void aJobWithoutAnAttemptIsCanceledAtOnce() {
    client.post("/v1/jobs", job("a", ""));

    HttpAnswer canceled =
        client.post("/v1/jobs/a/cancel", "{\"reason\":\"no longer needed\",\"requestId\":\"r\"}");
    assertThat(canceled.status()).isEqualTo(200);
    assertThat(canceled.json().path("status").asText()).isEqualTo("canceled");
    assertThat(client.get("/v1/jobs/a").json().path("reason").asText())
        .isEqualTo("no longer needed");
    assertThat(client.post("/v1/jobs/a/cancel", "{\"requestId\":\"r\"}").status()).isEqualTo(200);

    HttpAnswer again = client.post("/v1/jobs/a/cancel");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.code()).isEqualTo("job_closed");
    assertThat(again.json().path("jobStatus").asText()).isEqualTo("canceled");
  }

  @Test
  void aRunningAttemptIsAskedToEnd() {
    client.post("/v1/jobs", job("a", ""));
    live.lease("q");

    HttpAnswer asked = client.post("/v1/jobs/a/cancel", "{\"requestId\":\"r1\"}");
    assertThat(asked.json().path("runState").asText()).isEqualTo("cancel_requested");
    assertThat(client.post("/v1/jobs/a/cancel", "{\"requestId\":\"r2\"}").code())
        .isEqualTo("cancel_already_requested");
    HttpAnswer retry = client.post("/v1/jobs/a/retry-now");
    assertThat(retry.code()).isEqualTo("invalid_state");
    assertThat(retry.json().path("runState").asText()).isEqualTo("cancel_requested");

    assertThat(client.post("/v1/jobs/a/terminate").json().path("status").asText())
        .isEqualTo("terminated");
    assertThat(client.post("/v1/jobs/a/terminate").code()).isEqualTo("job_closed");
  }

  @Test
  void aPausedJobGoesOnAndADelayedOneIsHurried() {
    client.post("/v1/jobs", job("a", ",\"startPaused\":true"));
    HttpAnswer unpaused = client.post("/v1/jobs/a/unpause", "{\"jitter\":\"0s\"}");
    assertThat(unpaused.json().path("runState").asText()).isEqualTo("scheduled");
    assertThat(client.post("/v1/jobs/a/unpause").status()).isEqualTo(200);
    live.lease("q");

    JsonNode delayed = client.post("/v1/jobs", job("b", ",\"startDelay\":\"1h\"")).json();
    assertThat(delayed.path("waitingFor").asText()).isEqualTo("start_time");
    assertThat(delayed.path("nextAttemptAt").asText()).isNotEmpty();
    assertThat(client.post("/v1/jobs/b/retry-now").status()).isEqualTo(200);
    assertThat(client.get("/v1/jobs/b").json().path("waitingFor").asText()).isEqualTo("turn");
    live.lease("q");
  }

  @Test
  void aClosedJobIsRunAgain() {
    String first =
        client.post("/v1/jobs", job("a", ",\"input\":[ 1]")).json().path("runId").asText();
    assertThat(client.post("/v1/jobs/a/rerun").code()).isEqualTo("invalid_state");
    client.post("/v1/jobs/a/terminate");

    HttpAnswer rerun = client.post("/v1/jobs/a/rerun", "{\"requestId\":\"again\"}");

    assertThat(rerun.status()).isEqualTo(201);
    assertThat(rerun.json().path("rerunOf").asText()).isEqualTo(first);
    assertThat(rerun.body()).contains("\"input\":[ 1]");
    assertThat(client.get("/v1/jobs/a?runId=" + first).json().path("status").asText())
        .isEqualTo("terminated");
  }

  @Test
  void aJobIsCompletedByItsIdWithTheAttemptAsFence() {
    client.post("/v1/jobs", job("a", ""));
    live.lease("q");

    assertThat(client.post("/v1/jobs/a/complete", "{\"attempt\":2}").code())
        .isEqualTo("lease_lost");
    HttpAnswer done =
        client.post("/v1/jobs/a/complete", "{\"attempt\":1,\"result\":null,\"requestId\":\"r\"}");
    assertThat(done.status()).isEqualTo(200);
    assertThat(client.post("/v1/jobs/a/complete", "{\"requestId\":\"r\"}").body())
        .isEqualTo(done.body());
    assertThat(done.json().path("status").asText()).isEqualTo("completed");
    assertThat(client.get("/v1/jobs/a/result").body()).contains("\"result\":null");
    assertThat(client.post("/v1/jobs/a/complete").code()).isEqualTo("job_closed");
  }

  @Test
  void anAttemptIsFailedByItsIdWithTheAttemptAsFence() {
    client.post("/v1/jobs", job("a", ",\"retryPolicy\":{\"maximumAttempts\":1}"));
    String failure = "{\"failure\":{\"type\":\"lost\",\"message\":\"gone\"}";
    assertThat(client.post("/v1/jobs/a/fail", failure + "}").code()).isEqualTo("lease_lost");
    live.lease("q");

    assertThat(client.post("/v1/jobs/a/fail", failure + ",\"attempt\":2}").code())
        .isEqualTo("lease_lost");
    HttpAnswer failed =
        client.post("/v1/jobs/a/fail", failure + ",\"attempt\":1,\"requestId\":\"r\"}");
    assertThat(failed.status()).isEqualTo(200);
    assertThat(failed.json().path("status").asText()).isEqualTo("failed");
    assertThat(client.post("/v1/jobs/a/fail", failure + ",\"requestId\":\"r\"}").body())
        .isEqualTo(failed.body());
    assertThat(client.get("/v1/jobs/a").json().at("/failure/type").asText()).isEqualTo("lost");
    assertThat(client.post("/v1/jobs/a/fail", failure + "}").code()).isEqualTo("job_closed");
  }

  @Test
  void aFailureThatIsTooLongIsCut() {
    client.post("/v1/jobs", job("a", ""));
    live.lease("q");

    HttpAnswer failed =
        client.post(
            "/v1/jobs/a/fail",
            "{\"failure\":{\"type\":\"t\",\"message\":\"" + "x".repeat(1 << 14) + "\"}}");

    assertThat(failed.status()).isEqualTo(200);
    JsonNode failure = client.get("/v1/jobs/a").json().path("failure");
    assertThat(failure.path("type").asText()).isEqualTo("t");
    assertThat(failure.path("message").asText())
        .endsWith("x (cut: this failure had 16385 bytes)")
        .hasSize((1 << 14) - 1);
  }

  @Test
  void aResultThatIsTooLongEndsTheAttemptForGood() {
    client.post("/v1/jobs", job("a", ""));
    live.lease("q");

    HttpAnswer refused =
        client.post("/v1/jobs/a/complete", "{\"result\":\"" + "x".repeat(1 << 20) + "\"}");

    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.code()).isEqualTo("result_too_large");
    JsonNode job = client.get("/v1/jobs/a").json();
    assertThat(job.path("status").asText()).isEqualTo("failed");
    assertThat(job.at("/failure/type").asText()).isEqualTo("result_too_large");
    assertThat(job.path("retryState").asText()).isEqualTo("non_retryable_failure");
  }

  @Test
  void aDeletedJobIsGone() {
    client.post("/v1/jobs", job("a", ""));

    assertThat(client.delete("/v1/jobs/a").status()).isEqualTo(204);
    assertThat(client.delete("/v1/jobs/a").code()).isEqualTo("job_not_found");
    assertThat(client.get("/v1/jobs/a").code()).isEqualTo("job_not_found");
  }

  @Test
  void listsAreFilteredAndPaged() {
    for (int i = 0; i < 7; i++) {
      client.post("/v1/jobs", job("a" + i, i % 2 == 0 ? ",\"input\":1" : ""));
    }
    client.post("/v1/jobs?namespace=other", job("elsewhere", ""));
    client.post("/v1/jobs/a3/complete", "{\"result\":1}");

    assertThat(ids(client.get("/v1/jobs").json()))
        .satisfies(newestFirst("a6", "a5", "a4", "a3", "a2", "a1", "a0"));
    assertThat(ids(client.get("/v1/jobs?namespace=other").json())).containsExactly("elsewhere");
    assertThat(ids(client.get("/v1/jobs?query=ExecutionStatus%3D%27Completed%27").json()))
        .containsExactly("a3");
    assertThat(
            ids(
                client
                    .get(
                        "/v1/jobs?query=ExecutionStatus+%3D+%27Running%27+AND+TaskQueue+%3D+%22q%22&pageSize=1000")
                    .json()))
        .satisfies(newestFirst("a6", "a5", "a4", "a2", "a1", "a0"));
    assertThat(ids(client.get("/v1/jobs?query=TaskQueue%3D%27none%27").json())).isEmpty();

    List<String> seen = new ArrayList<>();
    String token = "";
    do {
      JsonNode page = client.get("/v1/jobs?pageSize=2" + token).json();
      assertThat(page.path("jobs").size()).isLessThanOrEqualTo(2);
      seen.addAll(ids(page));
      String next = page.path("nextPageToken").asText();
      token = next.isEmpty() ? "" : "&pageToken=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
    } while (!token.isEmpty());
    assertThat(seen).satisfies(newestFirst("a6", "a5", "a4", "a3", "a2", "a1", "a0"));
  }

  @Test
  void aHeartbeatAndAResultOfAWorkerAreShown() {
    client.post("/v1/jobs", job("a", ""));
    Task task = live.lease("q");
    JsonNode running = client.get("/v1/jobs/a").json();
    assertThat(running.path("runState").asText()).isEqualTo("started");
    assertThat(running.path("worker").asText()).isEqualTo("w1");
    assertThat(running.at("/attempts/0/startedAt").asText()).isNotEmpty();

    live.await(
        () -> live.store().complete(new Completion(task.token(), Buffer.buffer("200"), null)));

    JsonNode closed = client.get("/v1/jobs/a").json();
    assertThat(closed.path("status").asText()).isEqualTo("completed");
    assertThat(closed.path("result").asInt()).isEqualTo(200);
    assertThat(closed.path("closedAt").asText()).matches(".*\\.[0-9]{3}Z");
    assertThat(live.await(() -> live.store().describe(new JobKey("default", "a"), null)))
        .isPresent();
  }

  /** Starts of one millisecond have no order among partitions. */
  private Consumer<List<? extends String>> newestFirst(String... ids) {
    return list -> {
      assertThat(list).hasSize(ids.length);
      if (partitions == 1) {
        assertThat(List.<String>copyOf(list)).containsExactly(ids);
      } else {
        assertThat(List.<String>copyOf(list)).containsExactlyInAnyOrder(ids);
      }
    };
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.path("jobs").forEach(job -> ids.add(job.path("id").asText()));
    return ids;
  }

  private static String job(String id, String more) {
    boolean ownTimeout = more.contains("startToCloseTimeout");
    return "{\"id\":\""
        + id
        + "\",\"type\":\"t\",\"taskQueue\":\"q\""
        + (ownTimeout ? "" : ",\"startToCloseTimeout\":\"60s\"")
        + more
        + "}";
  }
}
