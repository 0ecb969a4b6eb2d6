package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** The controls and reports of the table, as calls of the API. */
final class Controls {
  static final List<String> VERBS =
      List.of(
          "cancel",
          "terminate",
          "pause",
          "unpause",
          "reset",
          "reset, keepPaused",
          "update options",
          "update start delay",
          "restore options",
          "retry-now",
          "rerun",
          "delete",
          "complete by id",
          "complete by id, another attempt",
          "fail by id",
          "fail by id, another attempt",
          "heartbeat by id",
          "heartbeat by id, another attempt");

  static final List<String> REPORTS =
      List.of("complete", "fail", "fail, non-retryable", "canceled", "heartbeat", "hand-back");

  static final List<String> LATE_REPORTS =
      List.of("complete", "fail", "canceled", "heartbeat", "hand-back");

  private static final String BROKEN = "{\"failure\":{\"type\":\"broken\"}}";

  private Controls() {}

  static HttpAnswer call(ApiClient client, StagedJob job, String verb) {
    if (REPORTS.contains(verb)) {
      return report(client, job.token(), verb);
    }
    String path = "/v1/jobs/" + job.id;
    int other = 99;
    return switch (verb) {
      case "reset, keepPaused" -> client.post(path + "/reset", "{\"keepPaused\":true}");
      case "update options" ->
          job.patch("{\"taskQueue\":\"" + job.queue + "-b\",\"startToCloseTimeout\":\"20m\"}");
      case "update start delay" -> job.patch("{\"startDelay\":\"2h\"}");
      case "restore options" -> job.patch("{\"restoreOriginal\":true}");
      case "delete" -> client.delete(path);
      case "complete by id" -> client.post(path + "/complete", "{\"result\":1}");
      case "complete by id, another attempt" ->
          client.post(path + "/complete", "{\"result\":1,\"attempt\":" + other + "}");
      case "fail by id" -> client.post(path + "/fail", BROKEN);
      case "fail by id, another attempt" ->
          client.post(
              path + "/fail", "{\"failure\":{\"type\":\"broken\"},\"attempt\":" + other + "}");
      case "heartbeat by id" -> client.post(path + "/heartbeat", "{\"details\":7}");
      case "heartbeat by id, another attempt" ->
          client.post(path + "/heartbeat", "{\"attempt\":" + other + "}");
      default -> client.post(path + "/" + verb);
    };
  }

  static HttpAnswer report(ApiClient client, String token, String report) {
    String path = "/v1/tasks/" + token + "/";
    return switch (report) {
      case "complete" -> client.post(path + "complete", "{\"result\":1}");
      case "fail" -> client.post(path + "fail", BROKEN);
      case "fail, non-retryable" ->
          client.post(path + "fail", "{\"failure\":{\"type\":\"broken\",\"nonRetryable\":true}}");
      case "heartbeat" -> client.post(path + "heartbeat", "{\"details\":7}");
      default -> client.post(path + report, "{}");
    };
  }

  /** What a control that was taken did beside the state. */
  static void checkEffect(StagedJob job, String verb, HttpAnswer answer) {
    if (answer.status() >= 300) {
      return;
    }
    switch (verb) {
      case "update options" -> {
        assertThat(job.job().path("taskQueue").asText()).isEqualTo(job.queue + "-b");
        assertThat(job.job().path("startToCloseTimeout").asText()).isEqualTo("20m");
      }
      case "update start delay" -> assertThat(job.secondsToFirstDispatch()).isEqualTo(2 * 3600);
      case "restore options" ->
          assertThat(job.job().path("startToCloseTimeout").asText()).isEqualTo("10m");
      case "heartbeat", "heartbeat by id" ->
          assertThat(job.job().path("heartbeatDetails").asInt()).isEqualTo(7);
      case "rerun" -> assertThat(job.job().has("rerunOf")).isTrue();
      default -> {}
    }
  }
}
