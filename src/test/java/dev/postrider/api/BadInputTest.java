package dev.postrider.api;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.job.JobKey;
import dev.postrider.job.TaskToken;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every field of every call with every wrong type, out of its range, missing, twice, and beside
 * fields that there are not: each is the documented problem that names the field, and the store
 * keeps every byte that it had.
 */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class BadInputTest {

  private static final Map<String, String> SAMPLES = samples();
  private static final String TOO_LONG_NAME = quoted("x".repeat(1001));
  private static final String[] NO_NAMES = {
    "\"\"",
    "\".\"",
    "\"..\"",
    "\"a\\u0000b\"",
    "\"a\\nb\"",
    "\"\\u0085\"",
    "\"\\ud800\"",
    TOO_LONG_NAME
  };
  private static final String[] NO_REQUEST_IDS = {
    "\"\"", "\"a\\u0000b\"", "\"a\\nb\"", TOO_LONG_NAME
  };
  private static final String[] NO_DURATIONS = {
    "\"\"",
    "\"5\"",
    "\"s\"",
    "\"1.5s\"",
    "\"-1s\"",
    "\"01s\"",
    "\" 5s\"",
    "\"5S\"",
    "\"5 s\"",
    "\"5w\"",
    "\"36501d\"",
    "\"1234567890123ms\"",
    "\"٥s\""
  };

  private LiveApi live;
  private ApiClient client;
  private Object before;
  private final List<String> surprises = new ArrayList<>();

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, 1, 10);
    client = live.client();
    HttpAnswer paused =
        client.post(
            "/v1/jobs",
            "{\"id\":\"target\",\"type\":\"t\",\"taskQueue\":\"q\",\"startToCloseTimeout\":\"1h\","
                + "\"startPaused\":true}");
    assertThat(paused.status()).as(paused.body()).isEqualTo(201);
    before = live.keyspace();
  }

  @AfterEach
  void nothingHasChanged() {
    assertThat(surprises).isEmpty();
    assertThat(live.keyspace()).isEqualTo(before);
  }

  @Test
  void startsOfJobs() {
    Map<String, String> good = new LinkedHashMap<>();
    good.put("type", "\"t\"");
    good.put("taskQueue", "\"q\"");
    good.put("startToCloseTimeout", "\"5s\"");
    Call call = new Call("/v1/jobs", good);

    call.takesOnly("id", "string", NO_NAMES);
    call.takesOnly("type", "string", NO_NAMES);
    call.takesOnly("taskQueue", "string", NO_NAMES);
    options(call);
    call.requires("type");
    call.requires("taskQueue");
    call.requires("startToCloseTimeout");
    call.refusesStrangers("task_queue", "Type", "x", "payload", "eventId", "");
    call.refusesDuplicates();
    call.with("input", quoted("x".repeat((1 << 20) - 1))).isRefused("body_too_large", null);
    call.with("startToCloseTimeout", "\"0s\"").isRefused("invalid_request", "startToCloseTimeout");
  }

  @Test
  void startsOfWebhooks() {
    Map<String, String> good = new LinkedHashMap<>();
    good.put("eventId", "\"e\"");
    good.put("url", "\"http://127.0.0.1:9/\"");
    good.put("payload", "{}");
    Call call = new Call("/v1/webhooks", good);

    webhook(call);
    call.takesOnly("taskQueue", "string", NO_NAMES);
    options(call);
    call.refusesStrangers("id", "type", "input", "event_id", "Url", "x");
    call.refusesDuplicates();
    call.with("payload", quoted("x".repeat(1 << 20))).isRefused("body_too_large", null);
  }

  @Test
  void inputsOfDeliveriesThatAreStartedAsJobs() {
    Map<String, String> good = new LinkedHashMap<>();
    good.put("eventId", "\"e\"");
    good.put("url", "\"http://127.0.0.1:9/\"");
    good.put("payload", "{}");
    Call call =
        new Call(
            "/v1/jobs",
            good,
            "{\"type\":\"deliver-webhook\",\"taskQueue\":\"q\",\"startToCloseTimeout\":\"5s\",\"input\":",
            "}",
            "input.");

    webhook(call);
    call.refusesStrangers("id", "retryPolicy", "x");
    for (String wrong : List.of("null", "5", "[]", "\"x\"", "true")) {
      post("/v1/jobs", call.prefix + wrong + "}").isRefused("invalid_request", "input");
    }
    post("/v1/jobs", call.prefix.replace(",\"input\":", "") + "}")
        .isRefused("invalid_request", "input");
  }

  @Test
  void controls() {
    for (String verb : List.of("cancel", "terminate", "pause", "unpause", "retry-now", "rerun")) {
      Call call = new Call("/v1/jobs/target/" + verb, Map.of());
      call.takesOnly("reason", "string", quoted("x".repeat(1001)), "\"a\\u0000\"");
      call.takesOnly(
          "runId", "string", "\"\"", "\"x\"", quoted("0".repeat(17)), quoted("A".repeat(16)));
      call.takesOnly("requestId", "string", NO_REQUEST_IDS);
      if (verb.equals("unpause")) {
        call.takesOnly("jitter", "string", NO_DURATIONS);
        call.refusesStrangers("keepPaused", "x");
      } else {
        call.refusesStrangers("jitter", "x", "run_id");
      }
      call.refusesDuplicates();
      call.refusesOtherBodies();
      parameters("POST", "/v1/jobs/target/" + verb, true);
    }
  }

  @Test
  void resets() {
    Call call = new Call("/v1/jobs/target/reset", Map.of());
    call.takesOnly("reason", "string", quoted("x".repeat(1001)), "\"a\\u0000\"");
    call.takesOnly("runId", "string", "\"\"", "\"x\"");
    call.takesOnly("requestId", "string", NO_REQUEST_IDS);
    call.takesOnly("keepPaused", "boolean");
    call.takesOnly("resetHeartbeat", "boolean");
    call.takesOnly("jitter", "string", NO_DURATIONS);
    call.takesOnly("restoreOriginalOptions", "boolean");
    call.refusesStrangers("restoreOriginal", "keep_paused", "x");
    call.refusesDuplicates();
    call.refusesOtherBodies();
    parameters("POST", "/v1/jobs/target/reset", true);
  }

  @Test
  void changesOfOptions() {
    Call call = new Call("/v1/jobs/target/options", Map.of());
    call.takesOnly("reason", "string", quoted("x".repeat(1001)), "\"a\\u0000\"");
    call.takesOnly("runId", "string", "\"\"", "\"x\"");
    call.takesOnly("requestId", "string", NO_REQUEST_IDS);
    call.takesOnly("taskQueue", "string", NO_NAMES);
    for (String timeout :
        List.of(
            "scheduleToCloseTimeout",
            "scheduleToStartTimeout",
            "startToCloseTimeout",
            "heartbeatTimeout",
            "startDelay")) {
      call.takesOnlyOrNull(timeout, "string", NO_DURATIONS);
    }
    call.takesOnlyOrNull("retryPolicy", "object");
    call.takesOnlyOrNull("retryPolicy.initialInterval", "string", NO_DURATIONS);
    call.takesOnlyOrNull("retryPolicy.initialInterval", "string", "\"0s\"");
    call.with("retryPolicy.initialInterval", "\"101s\"")
        .isRefused("invalid_request", "retryPolicy.maximumInterval");
    call.takesOnlyOrNull("retryPolicy.maximumInterval", "string", NO_DURATIONS);
    call.takesOnlyOrNull("retryPolicy.maximumInterval", "string", "\"0s\"");
    call.with("retryPolicy.maximumInterval", "\"999ms\"")
        .isRefused("invalid_request", "retryPolicy.maximumInterval");
    call.takesOnlyOrNull("retryPolicy.backoffCoefficient", "number", "0.999", "1000.1");
    call.takesOnlyOrNull("retryPolicy.maximumAttempts", "integer", "-1", "2147483648");
    call.takesOnlyOrNull(
        "retryPolicy.nonRetryableErrorTypes", "array", "[" + "\"x\",".repeat(100) + "\"x\"]");
    call.takesOnlyOrNull("retryPolicy.jitter", "number", "-0.1", "1.001");
    call.with("retryPolicy.x", "1").isRefused("invalid_request", "retryPolicy.x");
    call.takesOnlyOrNull("priority", "object");
    call.takesOnlyOrNull("priority.priorityKey", "integer", "0", "6");
    call.takesOnlyOrNull("priority.fairnessKey", "string", quoted("x".repeat(65)), "\"a\\nb\"");
    call.takesOnlyOrNull("priority.fairnessWeight", "number", "0.0009", "1000.1");
    call.takesOnly("restoreOriginal", "boolean");
    call.refusesStrangers("type", "input", "startAt", "start_delay", "x");
    call.refusesDuplicates();
    call.refusesOtherBodies();
    parameters("PATCH", "/v1/jobs/target/options", true);
    String path = "/v1/jobs/target/options";
    for (String nothing : List.of("", "{}", "{\"reason\":\"r\"}", "{\"restoreOriginal\":false}")) {
      post(path, nothing).isRefused("invalid_request", "body");
    }
    post(path, "{\"restoreOriginal\":true,\"heartbeatTimeout\":\"1s\"}")
        .isRefused("invalid_request", "restoreOriginal");
    for (String gone : List.of("\"0s\"", "null")) {
      post(path, "{\"startToCloseTimeout\":" + gone + "}")
          .isRefused("invalid_request", "startToCloseTimeout");
    }
    post("/v1/jobs/none/options", "{\"heartbeatTimeout\":\"1s\"}").isRefused("job_not_found", null);
    post("/v1/jobs/none/options", "{\"restoreOriginal\":true}").isRefused("job_not_found", null);
  }

  @Test
  void completions() {
    Call call = new Call("/v1/jobs/target/complete", Map.of());

    call.takesOnly("attempt", "integer", "0", "-1", "2147483648", "1e1", "99999999999999999999");
    call.takesOnly("runId", "string", "\"\"", "\"x\"");
    call.takesOnly("requestId", "string", NO_REQUEST_IDS);
    call.refusesStrangers("reason", "details", "x");
    call.refusesOtherBodies();
    call.with("result", quoted("x".repeat((1 << 20) - 1))).isRefused("result_too_large", null);
    parameters("POST", "/v1/jobs/target/complete", true);
  }

  @Test
  void failuresById() {
    Call call = new Call("/v1/jobs/target/fail", Map.of("failure", "{\"type\":\"broken\"}"));

    call.requires("failure");
    call.takesOnly("failure", "object");
    call.takesOnly("attempt", "integer", "0", "-1", "2147483648", "1e1", "99999999999999999999");
    call.takesOnly("runId", "string", "\"\"", "\"x\"");
    call.takesOnly("requestId", "string", NO_REQUEST_IDS);
    call.refusesStrangers("reason", "result", "next", "x");
    call.refusesOtherBodies();
    failures("/v1/jobs/target/fail");
    parameters("POST", "/v1/jobs/target/fail", true);
    post("/v1/jobs/target/fail", "{\"failure\":{\"type\":\"t\"}}").isRefused("lease_lost", null);
    post("/v1/jobs/none/fail", "{\"failure\":{\"type\":\"t\"}}").isRefused("job_not_found", null);
  }

  @Test
  void polls() {
    Map<String, String> good = new LinkedHashMap<>();
    good.put("worker", "\"w\"");
    Call call = new Call("/v1/task-queues/none/poll", good);

    call.requires("worker");
    call.takesOnly(
        "worker",
        "string",
        "\"\"",
        "\"a\\u0000b\"",
        "\"a\\nb\"",
        "\"\\ud800\"",
        TOO_LONG_NAME,
        "\"postrider/\"",
        "\"postrider/n1\"");
    asked(call, "");
    call.refusesStrangers("queues", "order", "max_tasks", "next", "x");
    call.refusesOtherBodies();
    parameters("POST", "/v1/task-queues/none/poll", false);
    for (String wrong : List.of("%00", "a%0Ab", "x".repeat(1001))) {
      post("/v1/task-queues/" + wrong + "/poll", "{\"worker\":\"w\"}")
          .isRefused("invalid_request", "queue");
    }
  }

  @Test
  void pollsOfSeveralQueues() {
    Map<String, String> good = new LinkedHashMap<>();
    good.put("worker", "\"w\"");
    good.put("queues", "[{\"name\":\"none\"}]");
    Call call = new Call("/v1/poll", good);

    call.requires("worker");
    call.requires("queues");
    call.takesOnly("worker", "string", "\"\"", "\"a\\nb\"", TOO_LONG_NAME, "\"postrider/n1\"");
    String queues =
        IntStream.range(0, 101).mapToObj(i -> "{\"name\":\"q" + i + "\"}").collect(joining(","));
    call.takesOnly("queues", "array", "[]", "[" + queues + "]");
    call.takesOnly("order", "string", "\"\"", "\"STRICT\"", "\"random\"");
    asked(call, "");
    call.refusesStrangers("queue", "weight", "max_tasks", "next", "x");
    call.refusesDuplicates();
    call.refusesOtherBodies();
    parameters("POST", "/v1/poll", false);
    for (String wrong : List.of("5", "null", "\"q\"", "[]")) {
      call.with("queues", "[" + wrong + "]").isRefused("invalid_request", "queues[0]");
    }
    call.with("queues", "[{\"name\":\"q\"},{}]").isRefused("invalid_request", "queues[1].name");
    call.with("queues", "[{\"name\":\"q\"},{\"name\":\"r\"},{\"name\":\"q\"}]")
        .isRefused("invalid_request", "queues[2].name");

    Call queue =
        new Call(
            "/v1/poll",
            Map.of("name", "\"none\""),
            "{\"worker\":\"w\",\"queues\":[",
            "]}",
            "queues[0].");
    queue.takesOnly("name", "string", NO_NAMES);
    queue.takesOnly("weight", "number", "0", "0.0009", "-1", "1000.1", "1e999");
    queue.refusesStrangers("queue", "order", "Weight", "x");
    post(
            "/v1/poll",
            "{\"worker\":\"w\",\"order\":\"strict\",\"queues\":[{\"name\":\"a\"},{\"name\":\"b\",\"weight\":1}]}")
        .isRefused("invalid_request", "queues[1].weight");
  }

  @Test
  void reports() {
    String token = new TaskToken(new JobKey("default", "target"), 1, 7).encode();
    Call complete = new Call("/v1/tasks/" + token + "/complete", Map.of());
    complete.takesOnly("next", "object");
    asked(complete, "next.");
    complete.refusesStrangers("details", "failure", "requestId", "x");
    complete.refusesOtherBodies();

    Call fail =
        new Call("/v1/tasks/" + token + "/fail", Map.of("failure", "{\"type\":\"broken\"}"));
    fail.requires("failure");
    fail.takesOnly("failure", "object");
    fail.takesOnly("next", "object");
    asked(fail, "next.");
    fail.refusesStrangers("result", "details", "x");
    fail.refusesOtherBodies();
    failures("/v1/tasks/" + token + "/fail");

    Call canceled = new Call("/v1/tasks/" + token + "/canceled", Map.of());
    canceled.takesOnly("next", "object");
    asked(canceled, "next.");
    canceled.refusesStrangers("result", "failure", "reason", "x");
    canceled.refusesOtherBodies();

    Call heartbeat = new Call("/v1/tasks/" + token + "/heartbeat", Map.of());
    heartbeat.refusesStrangers("next", "attempt", "runId", "requestId", "x");
    heartbeat.refusesOtherBodies();

    Call handBack = new Call("/v1/tasks/" + token + "/hand-back", Map.of());
    handBack.refusesStrangers("next", "reason", "x");
    handBack.refusesOtherBodies();
    for (String verb : List.of("complete", "fail", "canceled", "heartbeat", "hand-back")) {
      for (String query : List.of("namespace=default", "x=1")) {
        String body = verb.equals("fail") ? "{\"failure\":{\"type\":\"t\"}}" : "{}";
        post("/v1/tasks/" + token + "/" + verb + "?" + query, body)
            .isRefused("invalid_request", query.substring(0, query.indexOf('=')));
      }
      for (String wrong : tokensThatNobodyGave(token)) {
        post("/v1/tasks/" + wrong + "/" + verb, "{}").isRefused("invalid_token", null);
      }
    }
    post("/v1/tasks/" + token + "/complete", "{}").isRefused("lease_lost", null);
    post("/v1/tasks/" + token + "/fail", "{\"failure\":{\"type\":\"t\"}}")
        .isRefused("lease_lost", null);
    post("/v1/tasks/" + token + "/canceled", "{}").isRefused("lease_lost", null);
    post("/v1/tasks/" + token + "/heartbeat", "{}").isRefused("lease_lost", null);
    for (String verb : List.of("canceled", "heartbeat")) {
      post("/v1/tasks/" + token + "/" + verb, "{\"details\":" + quoted("x".repeat(1 << 18)) + "}")
          .isRefused("lease_lost", null);
    }
  }

  @Test
  void heartbeatsById() {
    Call call = new Call("/v1/jobs/target/heartbeat", Map.of());

    call.takesOnly("attempt", "integer", "0", "-1", "2147483648", "1e1");
    call.takesOnly("runId", "string", "\"\"", "\"x\"");
    call.refusesStrangers("requestId", "result", "x");
    call.refusesOtherBodies();
    parameters("POST", "/v1/jobs/target/heartbeat", true);
    post("/v1/jobs/target/heartbeat", "{}").isRefused("lease_lost", null);
    post("/v1/jobs/none/heartbeat", "{}").isRefused("job_not_found", null);
  }

  private static List<String> tokensThatNobodyGave(String good) {
    return List.of(
        "x",
        good + "A",
        good + "=",
        good.substring(1),
        "x".repeat(4097),
        new TaskToken(new JobKey("default", "a\u0000b"), 1, 7).encode(),
        new TaskToken(new JobKey("..", "a"), 1, 7).encode(),
        new TaskToken(new JobKey("default", "x".repeat(1001)), 1, 7).encode());
  }

  /** How many tasks are asked for, in a poll or beside a report. */
  private void asked(Call call, String prefix) {
    call.takesOnly(prefix + "maxTasks", "integer", "0", "-1", "1001", "1e1");
    call.takesOnly(prefix + "wait", "string", NO_DURATIONS);
    call.takesOnly(prefix + "wait", "string", "\"61s\"", "\"60001ms\"", "\"1h\"");
    call.takesOnly(prefix + "maxTasksPerSecond", "number", "0", "0.09", "-1", "1000001", "1e999");
    if (!prefix.isEmpty()) {
      call.with(prefix + "worker", "\"w\"").isRefused("invalid_request", prefix + "worker");
    }
  }

  /** A failure as a worker reports it. */
  private void failures(String path) {
    Map<String, String> good = Map.of("type", "\"broken\"");
    Call failure = new Call(path, good, "{\"failure\":", "}", "failure.");
    failure.requires("type");
    failure.takesOnly("type", "string", "\"\"", "\"a\\nb\"", "\"\\ud800\"", TOO_LONG_NAME);
    failure.takesOnly("message", "string", "\"\\ud800\"");
    failure.takesOnly("nonRetryable", "boolean");
    failure.takesOnly("nextRetryDelay", "string", NO_DURATIONS);
    failure.takesOnly("cause", "object");
    failure.with("cause", "{}").isRefused("invalid_request", "failure.cause.type");
    failure.refusesStrangers("retryable", "stackTrace", "x");
    String deep = "{\"type\":\"t\"}";
    for (int i = 0; i < FailureFields.MAX_CAUSES; i++) {
      deep = "{\"type\":\"t\",\"cause\":" + deep + "}";
    }
    failure
        .with("cause", deep)
        .isRefused("invalid_request", "failure" + ".cause".repeat(FailureFields.MAX_CAUSES + 1));
  }

  @Test
  void limitsOfTaskQueues() {
    String path = "/v1/task-queues/q";
    Call call = new Call(path, Map.of());
    call.takesOnly("reason", "string", quoted("x".repeat(1001)), "\"a\\u0000\"");
    call.takesOnly("requestId", "string", NO_REQUEST_IDS);
    for (String rate : List.of("rateLimit", "fairnessKeyRateLimit")) {
      call.takesOnlyOrNull(rate, "object");
      rates(path, "{" + quoted(rate) + ":", "}", rate + ".");
    }
    call.takesOnlyOrNull("fairnessKeyRateLimits", "object");
    call.takesOnlyOrNull("fairnessKeyRateLimits.", "object");
    call.takesOnlyOrNull("fairnessKeyRateLimits.k", "object");
    rates(path, "{\"fairnessKeyRateLimits\":{\"k\":", "}}", "fairnessKeyRateLimits.k.");
    call.takesOnlyOrNull("destinationRateLimits", "object");
    call.takesOnlyOrNull("destinationRateLimits.http://h:1", "object");
    rates(
        path,
        "{\"destinationRateLimits\":{\"http://h:1\":",
        "}}",
        "destinationRateLimits.http://h:1.");
    call.takesOnlyOrNull("fairnessWeights", "object");
    call.takesOnlyOrNull("fairnessWeights.", "number", "0.0009", "1000.1", "0", "-1");
    call.takesOnlyOrNull("fairnessWeights.k", "number", "0.0009", "1000.1", "0", "-1", "1e999");
    for (String bound :
        List.of("maxInFlight", "maxInFlightPerFairnessKey", "maxInFlightPerDestination")) {
      call.takesOnlyOrNull(
          bound, "integer", "0", "-1", "1000000001", "1e1", "99999999999999999999");
    }
    call.refusesStrangers("max_in_flight", "paused", "runId", "requestsPerSecond", "x");
    call.refusesDuplicates();
    call.refusesOtherBodies();
    parameters("PATCH", path, false);
    for (String nothing : List.of("", "{}", "{\"reason\":\"r\",\"requestId\":\"i\"}")) {
      post(path, nothing).isRefused("invalid_request", "body");
    }
    post("/v1/task-queues/a%0Ab", "{\"maxInFlight\":1}").isRefused("invalid_request", "queue");
  }

  private void rates(String path, String prefix, String suffix, String fieldPrefix) {
    Call rate = new Call(path, Map.of("requestsPerSecond", "1"), prefix, suffix, fieldPrefix);
    rate.requires("requestsPerSecond");
    rate.takesOnly("requestsPerSecond", "number", "0.09", "-1", "-0.1", "1000000.1", "1e999");
    rate.takesOnly("burst", "integer", "0", "-1", "1000001", "1e1", "99999999999999999999");
    rate.refusesStrangers("requests_per_second", "rate", "source", "x");
  }

  @Test
  void namesInTheLimitsOfTaskQueues() {
    String path = "/v1/task-queues/q";
    String long65 = "x".repeat(65);
    for (String map : List.of("fairnessKeyRateLimits", "fairnessWeights")) {
      post(path, entry(map, long65)).isRefused("invalid_request", map + "." + long65);
      post(path, entry(map, "a\\nb")).isRefused("invalid_request", map + ".a\nb");
    }
    for (String wrong :
        List.of(
            "",
            "h:1",
            "ftp://h:21",
            "http://h",
            "http://h:80/",
            "https://h",
            "https://H:443",
            "https://h.:443",
            "HTTPS://h:443",
            "https://h:443/hooks",
            "https://h:0",
            "https://h:65536",
            "https://u@h:443",
            "https://[::1]:443")) {
      post(path, entry("destinationRateLimits", wrong))
          .isRefused("invalid_request", "destinationRateLimits." + wrong);
    }
    HttpAnswer spelled =
        client.patch(path, entry("destinationRateLimits", "HTTPS://Example.org/hooks"));
    assertThat(spelled.json().path("detail").asText()).contains("\"https://example.org:443\"");
    for (String map :
        List.of("fairnessKeyRateLimits", "destinationRateLimits", "fairnessWeights")) {
      StringBuilder many = new StringBuilder();
      for (int i = 0; i <= 1000; i++) {
        many.append(i == 0 ? "" : ",").append(quoted("http://h:" + (i + 1))).append(":null");
      }
      post(path, "{" + quoted(map) + ":{" + many + "}}").isRefused("invalid_request", map);
    }
  }

  private static String entry(String map, String name) {
    return "{" + quoted(map) + ":{" + quoted(name) + ":null}}";
  }

  @Test
  void controlsOfTaskQueues() {
    for (String verb : List.of("pause", "unpause")) {
      String path = "/v1/task-queues/q/" + verb;
      Call call = new Call(path, Map.of());
      call.takesOnly("reason", "string", quoted("x".repeat(1001)), "\"a\\u0000\"");
      call.takesOnly("requestId", "string", NO_REQUEST_IDS);
      call.refusesStrangers("runId", "jitter", "maxInFlight", "x");
      call.refusesDuplicates();
      call.refusesOtherBodies();
      parameters("POST", path, false);
      post("/v1/task-queues/a%0Ab/" + verb, "{}").isRefused("invalid_request", "queue");
    }
  }

  @Test
  void batches() {
    Call call = new Call("/v1/jobs/batch", Map.of());

    call.takesOnly("jobs", "array", "[]", "[" + "5,".repeat(1000) + "5]");
    call.requires("jobs");
    call.refusesOtherBodies();
    post("/v1/jobs/batch", "{\"jobs\":[{}],\"x\":1}").isRefused("invalid_request", "x");
    HttpAnswer answer =
        client.post("/v1/jobs/batch", "{\"jobs\":[5,null,[],{},{\"type\":\"t\",\"taskQueue\":7}]}");
    List<String> codes = new ArrayList<>();
    answer.json().path("results").forEach(r -> codes.add(r.at("/problem/code").asText()));
    assertThat(codes).hasSize(5).containsOnly("invalid_request");
    assertThat(answer.json().at("/results/4/problem/errors/0/field").asText())
        .isEqualTo("jobs[4].taskQueue");
    parameters("POST", "/v1/jobs/batch", false);
  }

  @Test
  void unknownIds() {
    for (String path : List.of("/v1/jobs/none", "/v1/jobs/none/result", "/v1/jobs/none/events")) {
      expect("GET", path, client.get(path), "job_not_found", null);
      String run = path.replace("none", "target") + "?runId=0000000000000000";
      expect("GET", run, client.get(run), "job_not_found", null);
    }
    expect("DELETE", "none", client.delete("/v1/jobs/none"), "job_not_found", null);
    expect(
        "DELETE",
        "namespace",
        client.delete("/v1/jobs/target?namespace=other"),
        "job_not_found",
        null);
    for (String verb :
        List.of(
            "cancel", "terminate", "pause", "unpause", "reset", "retry-now", "rerun", "complete")) {
      post("/v1/jobs/none/" + verb, "{}").isRefused("job_not_found", null);
      post("/v1/jobs/target/" + verb, "{\"runId\":\"0000000000000000\"}")
          .isRefused("job_not_found", null);
    }
  }

  @Test
  void parametersOfReading() {
    parameters("GET", "/v1/jobs/target", true);
    parameters("GET", "/v1/jobs/target/result", true);
    parameters("GET", "/v1/jobs/target/events", true);
    parameters("DELETE", "/v1/jobs/target", true);
    parameters("GET", "/v1/jobs", false);
    parameters("GET", "/v1/task-queues", false);
    parameters("GET", "/v1/task-queues/q", false);
    parameters("POST", "/v1/jobs", false);
    parameters("POST", "/v1/webhooks", false);
    for (String wrong : List.of("61s", "2m", "5", "", "-1s", "1h")) {
      expect(
          "GET",
          wrong,
          client.get("/v1/jobs/target/result?wait=" + wrong),
          "invalid_request",
          "wait");
      expect("POST", wrong, client.post("/v1/jobs?wait=" + wrong, "{}"), "invalid_request", "wait");
    }
    for (String wrong : List.of("0", "1001", "-1", "1.5", "x", "", "01")) {
      for (String list : List.of("/v1/jobs", "/v1/task-queues")) {
        HttpAnswer answer = client.get(list + "?pageSize=" + wrong);
        expect("GET", list + " " + wrong, answer, "invalid_request", "pageSize");
      }
    }
    for (String wrong : List.of("", "x", "a b", "YQ==", "%F0%9F%98%80", "gA")) {
      HttpAnswer answer = client.get("/v1/task-queues?pageToken=" + wrong.replace(" ", "%20"));
      expect("GET", wrong, answer, "invalid_request", "pageToken");
    }
    for (String wrong :
        List.of("x", "1", "../..", "%F0%9F%98%80", "1:2", "a:b:c", "-1:1:1", "1:1:1,1:1:1")) {
      expect(
          "GET", wrong, client.get("/v1/jobs?pageToken=" + wrong), "invalid_request", "pageToken");
    }
    for (String wrong : List.of("x", "TaskQueue", "TaskQueue%3D%27", "a%3Db")) {
      expect("GET", wrong, client.get("/v1/jobs?query=" + wrong), "invalid_query", null);
    }
  }

  /** What every call understands in its query. */
  private void parameters(String method, String path, boolean ofOneJob) {
    List<String> wrong =
        new ArrayList<>(
            List.of(
                "namespace=",
                "namespace=.",
                "namespace=..",
                "namespace=%00",
                "namespace=%FF",
                "namespace=" + "x".repeat(1001),
                "namespace=a&namespace=b",
                "Namespace=a",
                "x=1"));
    if (ofOneJob && !method.startsWith("P")) {
      wrong.addAll(List.of("runId=", "runId=x", "runId=000000000000000g"));
    }
    for (String query : wrong) {
      byte[] body = method.startsWith("P") ? "{}".getBytes(StandardCharsets.UTF_8) : null;
      String field = query.substring(0, query.indexOf('='));
      HttpAnswer answer = client.call(method, path + "?" + query, "application/json", body);
      expect(method, path + "?" + query, answer, "invalid_request", field);
    }
  }

  private void webhook(Call call) {
    call.takesOnly(
        "eventId",
        "string",
        "\"\"",
        "\"a b\"",
        "\"a/b\"",
        "\"é\"",
        "\".\"",
        quoted("x".repeat(257)));
    call.takesOnly(
        "url",
        "string",
        "\"\"",
        "\"/x\"",
        "\"ftp://h/\"",
        "\"http://\"",
        "\"http://u:p@h/\"",
        "\"http://h/#f\"",
        "\"http://h:0/\"",
        "\"http://h:65536/\"",
        "\"http://h/a b\"",
        "\"http://h/\\r\\nX: y\"",
        quoted("http://h/" + "x".repeat(8184)));
    call.takesOnly("headers", "object");
    for (String name :
        List.of(
            "Host",
            "content-length",
            "Connection",
            "Transfer-Encoding",
            "Idempotency-Key",
            "User-Agent",
            "webhook-id",
            "Postrider-Attempt",
            "a b",
            "")) {
      call.with("headers", "{" + quoted(name) + ":\"v\"}")
          .isRefused("invalid_request", call.field("headers." + name));
    }
    for (String value :
        List.of("5", "null", "[]", "\"a\\r\\nb\"", "\"é\"", "\" a\"", "\"\\u0000\"")) {
      call.with("headers", "{\"X\":" + value + "}")
          .isRefused("invalid_request", call.field("headers.X"));
    }
    call.with("headers", "{\"X\":\"1\",\"x\":\"2\"}")
        .isRefused("invalid_request", call.field("headers.x"));
    StringBuilder many = new StringBuilder("{\"h\":\"\"");
    for (int i = 0; i < 50; i++) {
      many.append(",\"h").append(i).append("\":\"\"");
    }
    call.with("headers", many + "}").isRefused("invalid_request", call.field("headers"));
    call.with("headers", "{\"X\":" + quoted("x".repeat(8192)) + "}")
        .isRefused("invalid_request", call.field("headers"));
    call.requires("eventId");
    call.requires("url");
    call.requires("payload");
  }

  private void options(Call call) {
    for (String timeout :
        List.of(
            "scheduleToCloseTimeout",
            "scheduleToStartTimeout",
            "startToCloseTimeout",
            "heartbeatTimeout",
            "startDelay")) {
      call.takesOnly(timeout, "string", NO_DURATIONS);
    }
    call.takesOnly("retryPolicy", "object");
    call.takesOnly("retryPolicy.initialInterval", "string", NO_DURATIONS);
    call.takesOnly("retryPolicy.initialInterval", "string", "\"0s\"");
    call.takesOnly("retryPolicy.maximumInterval", "string", NO_DURATIONS);
    call.takesOnly("retryPolicy.maximumInterval", "string", "\"0s\"", "\"999ms\"");
    call.takesOnly(
        "retryPolicy.backoffCoefficient", "number", "0.999", "0", "-1", "1000.1", "1e999");
    call.takesOnly("retryPolicy.maximumAttempts", "integer", "-1", "2147483648", "1e3");
    call.takesOnly(
        "retryPolicy.nonRetryableErrorTypes", "array", "[" + "\"x\",".repeat(100) + "\"x\"]");
    for (String wrong :
        List.of("[5]", "[null]", "[\"\"]", "[\"a\\nb\"]", "[" + TOO_LONG_NAME + "]")) {
      call.with("retryPolicy.nonRetryableErrorTypes", wrong)
          .isRefused("invalid_request", "retryPolicy.nonRetryableErrorTypes[0]");
    }
    call.takesOnly("retryPolicy.jitter", "number", "-0.1", "1.001", "1e9");
    call.with("retryPolicy.x", "1").isRefused("invalid_request", "retryPolicy.x");
    call.takesOnly("priority", "object");
    call.takesOnly("priority.priorityKey", "integer", "0", "6", "-1", "1e0");
    call.takesOnly("priority.fairnessKey", "string", quoted("x".repeat(65)), "\"a\\nb\"");
    call.takesOnly("priority.fairnessWeight", "number", "0.0009", "1000.1", "0", "-1");
    call.with("priority.priority_key", "1").isRefused("invalid_request", "priority.priority_key");
    call.takesOnly("idConflictPolicy", "string", "\"\"", "\"FAIL\"", "\"terminate\"");
    call.takesOnly("idReusePolicy", "string", "\"\"", "\"reject\"");
    call.takesOnly("onPayloadMismatch", "string", "\"\"", "\"fail\"");
    call.takesOnly(
        "startAt",
        "string",
        "\"\"",
        "\"now\"",
        "\"2027-01-31\"",
        "\"2027-02-30T00:00:00Z\"",
        "\"2027-01-31T08:00:00\"",
        "\"1969-12-31T23:59:59Z\"",
        "\"10000-01-01T00:00:00Z\"");
    call.with("startDelay", "\"1s\",\"startAt\":\"2027-01-31T08:00:00Z\"")
        .isRefused("invalid_request", "startAt");
    call.takesOnly("startPaused", "boolean");
    call.takesOnly(
        "searchAttributes",
        "object",
        "{\"a\":"
            + quoted("x".repeat(1000))
            + ",\"b\":["
            + (quoted("x".repeat(900)) + ",").repeat(19)
            + "\"\"]}");
    for (String wrong :
        List.of(
            "null",
            "{}",
            "\"a\\nb\"",
            quoted("x".repeat(1001)),
            "1e999",
            "[" + "\"x\",".repeat(50) + "\"x\"]")) {
      call.with("searchAttributes.a", wrong).isRefused("invalid_request", "searchAttributes.a");
    }
    call.with("searchAttributes.a", "[5]").isRefused("invalid_request", "searchAttributes.a[0]");
    call.with("searchAttributes", "{\"1a\":1}").isRefused("invalid_request", "searchAttributes.1a");
    StringBuilder many = new StringBuilder("{\"a\":1");
    for (int i = 0; i < 50; i++) {
      many.append(",\"a").append(i).append("\":1");
    }
    call.with("searchAttributes", many + "}").isRefused("invalid_request", "searchAttributes");
    call.takesOnly(
        "summary", "string", quoted("x".repeat(401)), quoted("é".repeat(201)), "\"a\\nb\"");
    call.takesOnly("details", "string", quoted("x".repeat(20_001)), "\"a\\u0000\"");
    call.takesOnly("requestId", "string", NO_REQUEST_IDS);
  }

  /** Sends a body to where bodies go: options and limits are patched. */
  private Sent post(String path, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Sent(path, body, client.call(methodOf(path), path, "application/json", bytes));
  }

  private static String methodOf(String path) {
    return path.matches("/v1/jobs/[^/]+/options.*|/v1/task-queues/[^/]+") ? "PATCH" : "POST";
  }

  private void expect(String method, String what, HttpAnswer answer, String code, String field) {
    JsonNode problem = answer.json();
    boolean named = field == null;
    for (JsonNode error : problem.path("errors")) {
      named |= error.path("field").asText().equals(field);
    }
    if (!problem.path("code").asText().equals(code)
        || !named
        || problem.path("status").asInt() != answer.status()) {
      String shown = what.length() > 300 ? what.substring(0, 300) + "…" : what;
      surprises.add(method + " " + shown + " → " + answer.status() + " " + answer.body());
    }
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private static Map<String, String> samples() {
    Map<String, String> samples = new LinkedHashMap<>();
    samples.put("string", "\"x\"");
    samples.put("integer", "5");
    samples.put("number", "1.5");
    samples.put("boolean", "true");
    samples.put("null", "null");
    samples.put("array", "[]");
    samples.put("object", "{}");
    return samples;
  }

  /** A body that was sent, and its answer. */
  private final class Sent {
    private final String path;
    private final String body;
    private final HttpAnswer answer;

    Sent(String path, String body, HttpAnswer answer) {
      this.path = path;
      this.body = body;
      this.answer = answer;
    }

    void isRefused(String code, String field) {
      expect("POST " + path, body, answer, code, field);
    }
  }

  /** A call whose body is good but for one thing at a time. */
  private final class Call {
    private final String path;
    private final Map<String, String> good;
    private final String prefix;
    private final String suffix;
    private final String fieldPrefix;

    Call(String path, Map<String, String> good) {
      this(path, good, "", "", "");
    }

    Call(String path, Map<String, String> good, String prefix, String suffix, String fieldPrefix) {
      this.path = path;
      this.good = good;
      this.prefix = prefix;
      this.suffix = suffix;
      this.fieldPrefix = fieldPrefix;
    }

    String field(String name) {
      return fieldPrefix + name;
    }

    /** Sends every type but the right one, and values of the right one that are out of range. */
    void takesOnly(String name, String type, String... outOfRange) {
      refuses(name, type.equals("number") ? Set.of("number", "integer") : Set.of(type), outOfRange);
    }

    /** The same where null has a meaning. */
    void takesOnlyOrNull(String name, String type, String... outOfRange) {
      refuses(
          name,
          type.equals("number") ? Set.of("number", "integer", "null") : Set.of(type, "null"),
          outOfRange);
    }

    private void refuses(String name, Set<String> right, String... outOfRange) {
      SAMPLES.forEach(
          (sampleType, sample) -> {
            if (!right.contains(sampleType)) {
              Sent sent = with(name, sample);
              sent.isRefused("invalid_request", field(name));
              if (fieldPrefix.isEmpty() && OpenApi.allowsRequest(methodOf(path), path, sent.body)) {
                surprises.add("the contract allows " + path + " " + sent.body);
              }
            }
          });
      for (String value : outOfRange) {
        with(name, value).isRefused("invalid_request", field(name));
      }
    }

    void requires(String name) {
      Map<String, String> members = new LinkedHashMap<>(good);
      members.remove(name);
      Sent sent = send(members);
      sent.isRefused("invalid_request", field(name));
      if (fieldPrefix.isEmpty() && OpenApi.allowsRequest(methodOf(path), path, sent.body)) {
        surprises.add("the contract allows " + path + " " + sent.body);
      }
    }

    void refusesStrangers(String... names) {
      for (String name : names) {
        Map<String, String> members = new LinkedHashMap<>(good);
        members.put(name, "1");
        Sent sent = send(members);
        sent.isRefused("invalid_request", field(name));
        if (fieldPrefix.isEmpty() && OpenApi.allowsRequest(methodOf(path), path, sent.body)) {
          surprises.add("the contract allows " + path + " " + sent.body);
        }
      }
    }

    void refusesDuplicates() {
      post(path, "{\"requestId\":\"a\",\"requestId\":\"a\"}").isRefused("malformed_json", null);
      post(path, "{\"requestId\":\"a\",\"\\u0072equestId\":\"b\"}")
          .isRefused("malformed_json", null);
    }

    void refusesOtherBodies() {
      for (String body : List.of("[]", "5", "null", "\"x\"", "true")) {
        post(path, body).isRefused("invalid_request", "body");
      }
      for (String body : List.of(" ", "{", "{}x", "{]", "x", "{\"a\":\"\\ud8\"}")) {
        post(path, body).isRefused("malformed_json", null);
      }
    }

    /** Sends the good body with one member more or another; a dot in a name leads inside. */
    Sent with(String name, String value) {
      Map<String, String> members = new LinkedHashMap<>(good);
      int dot = name.indexOf('.');
      if (dot < 0) {
        members.put(name, value);
      } else {
        members.put(
            name.substring(0, dot), "{" + quoted(name.substring(dot + 1)) + ":" + value + "}");
      }
      return send(members);
    }

    private Sent send(Map<String, String> members) {
      StringBuilder body = new StringBuilder("{");
      members.forEach(
          (name, value) ->
              body.append(body.length() > 1 ? "," : "")
                  .append(quoted(name))
                  .append(':')
                  .append(value));
      return post(path, prefix + body.append('}') + suffix);
    }
  }
}
