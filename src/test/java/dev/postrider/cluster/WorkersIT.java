package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What workers and those beside them do over HTTP, each in a process of its own where it matters.
 */
@Tag("process")
class WorkersIT {

  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension static final Site SITE = Site.ofClass();

  private static ServiceProcess service = SITE.launch();
  private static Api api = service.api();

  private final String id = "job-" + UUID.randomUUID();
  private final String queue = "queue-" + id;

  @BeforeAll
  static void start() {
    service.awaitReady();
  }

  @Test
  void whatAWorkerLeasedBeforeItLeftIsCompletedByAnotherProcessWithItsToken() {
    start(id, "");
    JsonNode task = processPolls();

    Reply answer =
        process("/v1/tasks/" + task.at("/token").asText() + "/complete", "{'result':42}");

    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    Reply job = api.job(id);
    assertThat(job.text("/status")).isEqualTo("completed");
    assertThat(job.number("/result")).isEqualTo(42);
    assertThat(job.number("/attempt")).isEqualTo(1);
    assertThat(job.text("/attempts/0/outcome")).isEqualTo("completed");
  }

  @Test
  void whatAWorkerLeasedBeforeItLeftIsCompletedByAnotherProcessThatKnowsItsId() {
    start(id, "");
    JsonNode task = processPolls();

    Reply wrong = process("/v1/jobs/" + id + "/complete", "{'result':41,'attempt':2}");
    Reply answer = process("/v1/jobs/" + id + "/complete", "{'result':42,'attempt':1}");

    assertThat(wrong.text("/code")).as("%s", wrong).isEqualTo("lease_lost");
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(api.job(id).number("/result")).isEqualTo(42);
    Reply late = api.post("/v1/tasks/" + task.at("/token").asText() + "/fail", failure());
    assertThat(late.text("/code")).isEqualTo("lease_lost");
  }

  @Test
  void whatAWorkerLeasedBeforeItLeftIsKeptAliveAndFailedById() {
    start(id, ",'heartbeatTimeout':'30s','retryPolicy':{'maximumAttempts':1}");
    processPolls();

    Reply beat = process("/v1/jobs/" + id + "/heartbeat", "{'details':{'half':true}}");
    Reply failed = process("/v1/jobs/" + id + "/fail", failure());

    assertThat(beat.status()).as("%s", beat).isEqualTo(200);
    assertThat(failed.status()).as("%s", failed).isEqualTo(200);
    Reply job = api.job(id);
    assertThat(job.text("/status")).isEqualTo("failed");
    assertThat(job.text("/failure/type")).isEqualTo("out_of_paper");
    assertThat(job.json().at("/heartbeatDetails/half").asBoolean()).isTrue();
  }

  @Test
  void aTokenOfAnEarlierAttemptIsRefusedWhateverItReports() {
    start(id, ",'retryPolicy':{'initialInterval':'1ms'}");
    String old = poll(1).get(0).at("/token").asText();
    api.post("/v1/tasks/" + old + "/fail", failure());
    JsonNode task = poll(1).get(0);
    assertThat(task.at("/attempt").asInt()).isEqualTo(2);

    for (String report : List.of("complete", "heartbeat", "canceled")) {
      Reply late = api.post("/v1/tasks/" + old + "/" + report, "{}");
      assertThat(late.status()).as("%s: %s", report, late).isEqualTo(409);
      assertThat(late.text("/code")).as("%s: %s", report, late).isEqualTo("lease_lost");
    }
    Reply late = api.post("/v1/tasks/" + old + "/fail", failure());
    assertThat(late.text("/code")).isEqualTo("lease_lost");
    assertThat(api.job(id).text("/runState")).isEqualTo("started");
    complete(task);
  }

  @Test
  void aJobStartedPausedIsHandedOutAfterItIsUnpaused() {
    assertThat(start(id, ",'startPaused':true").text("/status")).isEqualTo("paused");
    start(id + "-other", "");
    assertThat(jobs(poll(10))).containsExactly(id + "-other");

    api.post("/v1/jobs/" + id + "/unpause", "{}");

    List<JsonNode> tasks = poll(10);
    assertThat(jobs(tasks)).containsExactly(id);
    assertThat(tasks.get(0).at("/attempt").asInt()).isEqualTo(1);
    complete(tasks.get(0));
  }

  @Test
  void aJobStartedDelayedIsHandedOutWhenItsTimeHasCome() {
    Reply delayed = start(id, ",'startDelay':'700ms'");
    assertThat(delayed.text("/waitingFor")).isEqualTo("start_time");
    start(id + "-other", "");
    assertThat(jobs(poll(10))).containsExactly(id + "-other");

    List<JsonNode> tasks = poll(10);

    assertThat(jobs(tasks)).containsExactly(id);
    Instant due = Instant.parse(delayed.text("/createdAt")).plusMillis(700);
    Instant started = Instant.parse(tasks.get(0).at("/startedAt").asText());
    assertThat(Duration.between(due, started)).isBetween(Duration.ZERO, Duration.ofSeconds(5));
    complete(tasks.get(0));
  }

  @Test
  void whatIsHandedBackComesFirstAgainAndKeepsItsAttempt() {
    for (int i = 0; i < 4; i++) {
      start(id + "-" + i, "");
    }
    List<JsonNode> leased = poll(2);
    assertThat(jobs(leased)).containsExactly(id + "-0", id + "-1");
    JsonNode first = leased.get(0);

    Reply answer = api.post("/v1/tasks/" + first.at("/token").asText() + "/hand-back", "{}");

    assertThat(answer.isAccepted()).as("%s", answer).isTrue();
    Reply job = api.job(id + "-0");
    assertThat(job.text("/waitingFor")).isEqualTo("turn");
    assertThat(job.text("/attempts/0/outcome")).isEqualTo("handed_back");
    List<JsonNode> again = poll(2);
    assertThat(jobs(again)).containsExactly(id + "-0", id + "-2");
    assertThat(again.get(0).at("/attempt").asInt()).isEqualTo(1);
    assertThat(again.get(0).at("/scheduledAt")).isEqualTo(first.at("/scheduledAt"));
    assertThat(again.get(0).at("/token")).isNotEqualTo(first.at("/token"));
    Reply late = api.post("/v1/tasks/" + first.at("/token").asText() + "/complete", "{}");
    assertThat(late.text("/code")).isEqualTo("lease_lost");
  }

  private Reply start(String job, String options) {
    Reply reply =
        api.post(
            "/v1/jobs",
            "{'id':'%s','type':'print','taskQueue':'%s','startToCloseTimeout':'5m'%s}"
                .formatted(job, queue, options));
    assertThat(reply.status()).as("%s", reply).isEqualTo(201);
    return reply;
  }

  private List<JsonNode> poll(int maxTasks) {
    Reply reply =
        api.post(
            "/v1/task-queues/" + queue + "/poll",
            "{'worker':'w','wait':'20s','maxTasks':%d}".formatted(maxTasks));
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    List<JsonNode> tasks = new ArrayList<>();
    reply.json().at("/tasks").forEach(tasks::add);
    assertThat(tasks).isNotEmpty();
    return tasks;
  }

  private static List<String> jobs(List<JsonNode> tasks) {
    return tasks.stream().map(task -> task.at("/jobId").asText()).toList();
  }

  private static void complete(JsonNode task) {
    Reply reply = api.post("/v1/tasks/" + task.at("/token").asText() + "/complete", "{}");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
  }

  private static String failure() {
    return "{'failure':{'type':'out_of_paper','message':'the tray is empty'}}";
  }

  /** Another process leases the job, tells what it got, and is gone. */
  private JsonNode processPolls() {
    Reply reply = process("/v1/task-queues/" + queue + "/poll", "{'worker':'w','wait':'20s'}");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    assertThat(reply.json().at("/tasks")).hasSize(1);
    return reply.json().at("/tasks/0");
  }

  /** What a process was answered that made one call and is gone. */
  private static Reply process(String path, String json) {
    List<String> arguments =
        List.of("http://127.0.0.1:" + service.port() + path, json.replace('\'', '"'));
    try (ChildProcess process = ChildProcess.main(Call.class, SITE.directory(), arguments)) {
      assertThat(process.exitCode(SOON)).as(process.said()).isZero();
      return new Reply(
          Integer.parseInt(process.out().get(0)), "application/json", null, process.out().get(1));
    }
  }
}
