package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.job.JobKey;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import dev.postrider.store.LeaseRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A job that is brought into a state over the API, and asked where it is then. */
final class StagedJob {
  static final List<String> RUNNING =
      List.of(
          "started",
          "built_in",
          "cancel_requested",
          "pause_requested",
          "reset_requested",
          "reset_then_pause");
  static final List<String> CLOSED =
      List.of("completed", "failed", "canceled", "terminated", "timed_out");

  private final LiveApi live;
  private final ApiClient client;
  final String id;
  final String queue;
  private String token = "";
  private String startToClose = "10m";
  private boolean changed;

  StagedJob(LiveApi live, int number) {
    this.live = live;
    this.client = live.client();
    this.id = "job-" + number;
    this.queue = "queue-" + number;
  }

  String token() {
    return token;
  }

  /** Starts it and brings it there; past its first attempt wherever that can be. */
  void bring(String state) {
    switch (state) {
      case "start_time" -> start(",\"startDelay\":\"1h\"");
      case "paused_at_start" -> start(",\"startPaused\":true");
      case "timed_out" -> {
        start(",\"scheduleToStartTimeout\":\"1ms\"");
        live.settle(() -> state().equals("timed_out"));
      }
      default -> {
        start("");
        lease();
        if (CLOSED.contains(state)) {
          close(state);
        } else {
          report("fail", "{\"failure\":{\"type\":\"broken\"}}", 200);
          if (state.contains("backoff")) {
            pauseIf(state.startsWith("paused"));
          } else {
            control("retry-now", "", 200);
            pauseIf(state.equals("paused"));
            run(state);
          }
        }
      }
    }
    assertThat(state()).isEqualTo(shown(state));
  }

  private void pauseIf(boolean paused) {
    if (paused) {
      control("pause", "", 200);
    }
  }

  private void close(String state) {
    switch (state) {
      case "completed" -> report("complete", "{\"result\":1}", 200);
      case "failed" ->
          report("fail", "{\"failure\":{\"type\":\"broken\",\"nonRetryable\":true}}", 200);
      case "terminated" -> control("terminate", "", 200);
      default -> {
        control("cancel", "", 200);
        report("canceled", "{}", 200);
      }
    }
  }

  private void run(String state) {
    if (!RUNNING.contains(state)) {
      return;
    }
    if (state.equals("built_in")) {
      leaseBuiltIn();
      return;
    }
    lease();
    switch (state) {
      case "cancel_requested" -> control("cancel", "", 200);
      case "pause_requested" -> control("pause", "", 200);
      case "reset_requested" -> control("reset", "{}", 200);
      case "reset_then_pause" -> {
        control("pause", "", 200);
        control("reset", "{\"keepPaused\":true}", 200);
      }
      default -> {}
    }
  }

  private void start(String more) {
    HttpAnswer answer =
        client.post(
            "/v1/jobs",
            "{\"id\":\""
                + id
                + "\",\"type\":\"t\",\"taskQueue\":\""
                + queue
                + "\",\"startToCloseTimeout\":\""
                + startToClose
                + "\",\"retryPolicy\":{\"initialInterval\":\"1h\","
                + "\"maximumInterval\":\"1h\"}"
                + more
                + "}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    if (changed) {
      assertThat(patch("{\"startToCloseTimeout\":\"11m\"}").status()).isEqualTo(200);
    }
  }

  /** Has its options changed right after its start. */
  void changedAtStart() {
    changed = true;
  }

  /** Sets its start-to-close timeout. */
  void attemptsTakeAtMost(String limit) {
    startToClose = limit;
  }

  /** Leases it as a worker does. */
  void lease() {
    JsonNode tasks = poll();
    assertThat(tasks).hasSize(1);
    token = tasks.get(0).path("token").asText();
  }

  private JsonNode poll() {
    return client
        .post("/v1/task-queues/" + queue + "/poll", "{\"worker\":\"w\",\"wait\":\"0s\"}")
        .json()
        .path("tasks");
  }

  private void leaseBuiltIn() {
    LeaseRequest request =
        new LeaseRequest(new TaskQueue("default", queue), 1, "postrider/n1", true);
    List<Task> tasks = live.await(() -> live.store().lease(request)).tasks();
    assertThat(tasks).hasSize(1);
    TaskToken of = tasks.get(0).token();
    token = of.encode();
  }

  /** Calls a control or a report by id, which is to be answered so. */
  void control(String verb, String body, int status) {
    HttpAnswer answer = client.post("/v1/jobs/" + id + "/" + verb, body);
    assertThat(answer.status()).as(verb + ": " + answer.body()).isEqualTo(status);
  }

  /** Makes a report under the latest token, which is to be answered so. */
  void report(String verb, String body, int status) {
    HttpAnswer answer = client.post("/v1/tasks/" + token + "/" + verb, body);
    assertThat(answer.status()).as(verb + ": " + answer.body()).isEqualTo(status);
  }

  HttpAnswer patch(String body) {
    return client.call(
        "PATCH",
        "/v1/jobs/" + id + "/options",
        "application/json",
        body.getBytes(StandardCharsets.UTF_8));
  }

  JsonNode job() {
    HttpAnswer answer = client.get("/v1/jobs/" + id);
    return answer.status() == 404 ? answer.json().path("none") : answer.json();
  }

  int attempt() {
    return job().path("attempt").asInt();
  }

  long secondsToFirstDispatch() {
    JsonNode job = job();
    return Duration.between(
            Instant.parse(job.path("createdAt").asText()),
            Instant.parse(job.path("firstDispatchAt").asText()))
        .toSeconds();
  }

  /** Where it is, in the words of the table as far as a describe tells them apart. */
  String state() {
    JsonNode job = job();
    if (job.isMissingNode()) {
      return "gone";
    }
    return switch (job.path("runState").asText()) {
      case "scheduled" -> job.path("waitingFor").asText();
      case "" -> job.path("status").asText();
      default -> job.path("runState").asText();
    };
  }

  /** What {@link #state()} says of a state of the table. */
  static String shown(String state) {
    return switch (state) {
      case "built_in", "reset_requested" -> "started";
      case "reset_then_pause" -> "pause_requested";
      case "paused_in_backoff", "paused_at_start" -> "paused";
      default -> state;
    };
  }

  /** What is asked of the attempt that runs, as its worker is told on a heartbeat. */
  String asked() {
    HttpAnswer answer = client.post("/v1/jobs/" + id + "/heartbeat", "{}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    JsonNode json = answer.json();
    return (json.path("cancelRequested").asBoolean() ? "cancel " : "")
        + (json.path("pauseRequested").asBoolean() ? "pause " : "")
        + (json.path("resetRequested").asBoolean() ? "reset " : "");
  }

  /** What {@link #asked()} says in a state of the table. */
  static String askedIn(String state) {
    return switch (state) {
      case "cancel_requested" -> "cancel ";
      case "pause_requested" -> "pause ";
      case "reset_requested" -> "reset ";
      case "reset_then_pause" -> "pause reset ";
      default -> "";
    };
  }

  EventPosition now() {
    int partition = live.log().partitionOf(key());
    return live.await(() -> live.log().end(partition));
  }

  /** The names of its events since then. */
  List<String> eventsSince(EventPosition position) {
    int partition = live.log().partitionOf(key());
    return live.await(() -> live.log().read(partition, position, 1000)).events().stream()
        .filter(event -> event.key().equals(key()))
        .map(JobEvent::name)
        .map(JobEvent.Name::wire)
        .toList();
  }

  private JobKey key() {
    return new JobKey("default", id);
  }
}
