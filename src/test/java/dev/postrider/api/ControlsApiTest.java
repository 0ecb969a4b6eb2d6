package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pausing, starting over and changing options; every answer is held against the contract. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class ControlsApiTest {

  private LiveApi live;
  private ApiClient client;

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, 1, 10);
    client = live.client();
  }

  @Test
  void aJobIsPausedAndGoesOn() {
    job("");

    HttpAnswer paused =
        client.post("/v1/jobs/a/pause", "{\"reason\":\"wait\",\"requestId\":\"r\"}");
    assertThat(paused.status()).isEqualTo(200);
    assertThat(paused.json().path("status").asText()).isEqualTo("paused");
    assertThat(poll().path("tasks")).isEmpty();
    client.post("/v1/jobs/a/unpause");
    assertThat(
            client.post("/v1/jobs/a/pause", "{\"requestId\":\"r\"}").json().path("status").asText())
        .as("a repeated request changes nothing")
        .isEqualTo("running");
    assertThat(poll().path("tasks")).hasSize(1);

    HttpAnswer asked = client.post("/v1/jobs/a/pause");
    assertThat(client.post("/v1/jobs/a/pause").body()).isEqualTo(asked.body());
    assertThat(asked.json().path("status").asText()).isEqualTo("running");
    assertThat(asked.json().path("runState").asText()).isEqualTo("pause_requested");
    client.post("/v1/jobs/a/cancel");
    HttpAnswer refused = client.post("/v1/jobs/a/pause");
    assertThat(refused.code()).isEqualTo("invalid_state");
    assertThat(refused.json().path("runState").asText()).isEqualTo("cancel_requested");
    client.post("/v1/jobs/a/terminate");
    assertThat(client.post("/v1/jobs/a/pause").code()).isEqualTo("job_closed");
  }

  @Test
  void aJobStartsOver() {
    job("");
    String token = poll().at("/tasks/0/token").asText();
    client.post("/v1/tasks/" + token + "/heartbeat", "{\"details\":[1]}");
    client.post("/v1/tasks/" + token + "/fail", "{\"failure\":{\"type\":\"t\"}}");
    assertThat(client.get("/v1/jobs/a").json().path("attempt").asInt()).isEqualTo(2);

    HttpAnswer reset = client.post("/v1/jobs/a/reset", "{\"resetHeartbeat\":true}");

    assertThat(reset.status()).isEqualTo(200);
    JsonNode task = poll().at("/tasks/0");
    assertThat(task.path("attempt").asInt()).isEqualTo(1);
    assertThat(task.has("heartbeatDetails")).isFalse();
    assertThat(client.post("/v1/jobs/a/reset").json().path("runState").asText())
        .isEqualTo("started");
    assertThat(
            client
                .post("/v1/tasks/" + task.path("token").asText() + "/heartbeat")
                .json()
                .path("resetRequested")
                .asBoolean())
        .isTrue();
    assertThat(client.post("/v1/jobs/a/reset").code()).isEqualTo("invalid_state");
  }

  @Test
  void aPausedJobCanStartOverAndStayPaused() {
    job(",\"startPaused\":true");

    assertThat(
            client
                .post("/v1/jobs/a/reset", "{\"keepPaused\":true,\"jitter\":\"1s\"}")
                .json()
                .path("status")
                .asText())
        .isEqualTo("paused");
    assertThat(client.post("/v1/jobs/a/reset").json().path("status").asText()).isEqualTo("running");
  }

  @Test
  void optionsThatAreNotNamedStayAsTheyAre() {
    job(
        ",\"scheduleToCloseTimeout\":\"1h\",\"heartbeatTimeout\":\"10s\","
            + "\"retryPolicy\":{\"initialInterval\":\"2s\",\"maximumAttempts\":7},"
            + "\"priority\":{\"priorityKey\":2,\"fairnessKey\":\"k\"}");

    HttpAnswer changed =
        client.patch(
            "/v1/jobs/a/options",
            "{\"startToCloseTimeout\":\"30s\",\"retryPolicy\":{\"maximumAttempts\":9},"
                + "\"priority\":{\"fairnessKey\":\"l\"},\"taskQueue\":\"other\"}");

    assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    JsonNode job = changed.json();
    assertThat(job.path("startToCloseTimeout").asText()).isEqualTo("30s");
    assertThat(job.path("scheduleToCloseTimeout").asText()).isEqualTo("1h");
    assertThat(job.path("heartbeatTimeout").asText()).isEqualTo("10s");
    assertThat(job.at("/retryPolicy/initialInterval").asText()).isEqualTo("2s");
    assertThat(job.at("/retryPolicy/maximumInterval").asText()).isEqualTo("200s");
    assertThat(job.at("/retryPolicy/maximumAttempts").asInt()).isEqualTo(9);
    assertThat(job.at("/priority/priorityKey").asInt()).isEqualTo(2);
    assertThat(job.at("/priority/fairnessKey").asText()).isEqualTo("l");
    assertThat(job.path("taskQueue").asText()).isEqualTo("other");
    assertThat(poll().path("tasks")).isEmpty();
    assertThat(live.lease("other").token().key().id()).isEqualTo("a");
  }

  @Test
  void nullIsWhatAStartMakesOfAnAbsentField() {
    job(
        ",\"heartbeatTimeout\":\"10s\",\"retryPolicy\":{\"initialInterval\":\"2s\",\"jitter\":0.5},"
            + "\"priority\":{\"priorityKey\":2,\"fairnessKey\":\"k\"}");

    JsonNode job =
        client
            .patch(
                "/v1/jobs/a/options",
                "{\"heartbeatTimeout\":null,\"priority\":null,"
                    + "\"retryPolicy\":{\"initialInterval\":\"3s\",\"maximumInterval\":null}}")
            .json();
    assertThat(job.has("heartbeatTimeout")).isFalse();
    assertThat(job.at("/priority").toString())
        .isEqualTo("{\"priorityKey\":3,\"fairnessWeight\":1}");
    assertThat(job.at("/retryPolicy/maximumInterval").asText()).isEqualTo("5m");
    assertThat(job.at("/retryPolicy/jitter").asDouble()).isEqualTo(0.5);

    job = client.patch("/v1/jobs/a/options", "{\"retryPolicy\":null}").json();
    assertThat(job.at("/retryPolicy/initialInterval").asText()).isEqualTo("1s");
    assertThat(job.at("/retryPolicy/jitter").asDouble()).isEqualTo(0);
  }

  @Test
  void oneOfTheTwoTimeoutsStays() {
    job(",\"scheduleToCloseTimeout\":\"1h\"");
    assertThat(
            client
                .patch("/v1/jobs/a/options", "{\"scheduleToCloseTimeout\":\"0s\"}")
                .json()
                .has("scheduleToCloseTimeout"))
        .isFalse();

    HttpAnswer refused = client.patch("/v1/jobs/a/options", "{\"startToCloseTimeout\":null}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().at("/errors/0/field").asText()).isEqualTo("startToCloseTimeout");
    assertThat(client.get("/v1/jobs/a").json().path("startToCloseTimeout").asText())
        .isEqualTo("1m");
  }

  @Test
  void theOptionsOfTheStartComeBack() {
    job("");
    client.patch("/v1/jobs/a/options", "{\"startToCloseTimeout\":\"5s\",\"requestId\":\"r\"}");
    client.patch("/v1/jobs/a/options", "{\"heartbeatTimeout\":\"1s\"}");

    JsonNode job = client.patch("/v1/jobs/a/options", "{\"restoreOriginal\":true}").json();

    assertThat(job.path("startToCloseTimeout").asText()).isEqualTo("1m");
    assertThat(job.has("heartbeatTimeout")).isFalse();
    client.post("/v1/jobs/a/terminate");
    assertThat(client.patch("/v1/jobs/a/options", "{\"heartbeatTimeout\":\"1s\"}").code())
        .isEqualTo("job_closed");
  }

  @Test
  void aStartDelayCanBeChangedUntilItIsOver() {
    job(",\"startDelay\":\"1h\"");

    JsonNode job = client.patch("/v1/jobs/a/options", "{\"startDelay\":null}").json();
    assertThat(job.path("waitingFor").asText()).isEqualTo("turn");

    HttpAnswer late = client.patch("/v1/jobs/a/options", "{\"startDelay\":\"1h\"}");
    assertThat(late.code()).isEqualTo("invalid_state");
    assertThat(poll().path("tasks")).hasSize(1);
  }

  private JsonNode poll() {
    return client.post("/v1/task-queues/q/poll", "{\"worker\":\"w\",\"wait\":\"0s\"}").json();
  }

  private void job(String more) {
    String timeout = ",\"startToCloseTimeout\":\"60s\"";
    HttpAnswer started =
        client.post(
            "/v1/jobs", "{\"id\":\"a\",\"type\":\"t\",\"taskQueue\":\"q\"" + timeout + more + "}");
    assertThat(started.status()).as(started.body()).isEqualTo(201);
  }
}
