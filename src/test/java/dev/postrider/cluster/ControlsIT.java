package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.cluster.Receiver.Counts;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator does to deliveries, against the real processes. */
@Tag("process")
class ControlsIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String TIMEOUT = "'startToCloseTimeout':'1m'";

  @RegisterExtension static final Site SITE = Site.ofClass();

  private static Api api = new Api(SITE.http(), 0);

  private final String event = UUID.randomUUID().toString();
  private final String path = "/v1/jobs/deliver-" + event;

  @BeforeAll
  static void start() {
    api = SITE.service().api();
  }

  @Test
  void cancelEndsADeliveryInFlightAtOnce() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'hang':true}");
    start(receiver, "");
    awaitInFlight(receiver);

    Reply canceled = api.post(path + "/cancel", "{'reason':'no longer needed'}");

    assertThat(canceled.status()).isEqualTo(200);
    Reply result = api.get(path + "/result?wait=5s");
    assertThat(result.text("/status")).isEqualTo("canceled");
    Reply job = api.job("deliver-" + event);
    assertThat(job.text("/reason")).isEqualTo("no longer needed");
    assertThat(job.text("/attempts/0/outcome")).isEqualTo("canceled");
    assertThat(between(job.text("/attempts/0/startedAt"), job.text("/closedAt")))
        .isLessThan(Duration.ofSeconds(10));
    assertThat(api.post(path + "/cancel", "{}").text("/code")).isEqualTo("job_closed");
  }

  @Test
  void terminateEndsADeliveryInFlight() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'hang':true}");
    start(receiver, "");
    awaitInFlight(receiver);

    assertThat(api.post(path + "/terminate", "{}").text("/status")).isEqualTo("terminated");

    assertThat(api.job("deliver-" + event).text("/attempts/0/outcome")).isEqualTo("terminated");
  }

  @Test
  void aJobStartedPausedIsDeliveredWhenItIsUnpaused() {
    Receiver receiver = SITE.receiver();
    assertThat(start(receiver, ",'startPaused':true").text("/status")).isEqualTo("paused");
    assertThat(receiver.counts()).isEqualTo(new Counts(0, 0, 0));

    assertThat(api.post(path + "/unpause", "{}").text("/status")).isEqualTo("running");
    assertThat(api.post(path + "/unpause", "{}").status()).isIn(200, 409);

    api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(receiver.counts()).isEqualTo(new Counts(1, 1, 0));
  }

  @Test
  void retryNowSkipsTheBackOffAndKeepsTheAttempt() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'status':503}");
    start(receiver, ",'retryPolicy':{'initialInterval':'1h'}");
    Reply waiting =
        Await.until(
            "it backs off",
            SOON,
            () -> api.job("deliver-" + event),
            job -> job.text("/waitingFor").equals("backoff"));
    assertThat(waiting.number("/attempt")).isEqualTo(2);
    assertThat(waiting.text("/nextAttemptAt")).isNotEmpty();

    assertThat(api.post(path + "/retry-now", "{}").status()).isEqualTo(200);

    Reply job = api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(job.number("/attempt")).isEqualTo(2);
    assertThat(api.post(path + "/retry-now", "{}").text("/code")).isEqualTo("job_closed");
  }

  @Test
  void rerunIsANewRunUnderTheSameKeyAndDeleteForgetsIt() {
    Receiver receiver = SITE.receiver();
    String first = start(receiver, "").text("/runId");
    api.awaitStatus("deliver-" + event, "completed", SOON);

    Reply rerun = api.post(path + "/rerun", "{}");

    assertThat(rerun.status()).isEqualTo(201);
    assertThat(rerun.text("/rerunOf")).isEqualTo(first);
    api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(receiver.counts()).isEqualTo(new Counts(2, 1, 1));
    assertThat(api.delete(path).status()).isEqualTo(204);
    assertThat(api.delete(path + "?runId=" + first).status()).isIn(204, 404);
    Reply gone = api.job("deliver-" + event);
    assertThat(gone.status()).isEqualTo(404);
    assertThat(gone.text("/code")).isEqualTo("job_not_found");
  }

  @Test
  void deleteOfADeliveryInFlightEndsIt() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'hang':true}");
    start(receiver, "");
    awaitInFlight(receiver);

    assertThat(api.delete(path).status()).isEqualTo(204);
    assertThat(api.job("deliver-" + event).status()).isEqualTo(404);
  }

  @Test
  void anOutcomeReportedByIdEndsAJobThatNobodyWorksOn() {
    String id = "by-hand-" + event;
    api.post(
        "/v1/jobs",
        ("{'id':'%s','type':'ship','taskQueue':'by-hand'," + TIMEOUT + "}").formatted(id));

    Reply reply = api.post("/v1/jobs/" + id + "/complete", "{'result':{'parcel':4}}");

    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
    assertThat(api.get("/v1/jobs/" + id + "/result").json().at("/result/parcel").asInt())
        .isEqualTo(4);
  }

  @Test
  void listsShowWhatIsInAStatusAndAQueueTheNewestFirst() {
    String queue = "list-" + event;
    for (int i = 0; i < 5; i++) {
      String id = queue + "-" + i;
      api.post(
          "/v1/jobs",
          ("{'id':'%s','type':'ship','taskQueue':'%s'," + TIMEOUT + "}").formatted(id, queue));
    }
    api.post("/v1/jobs/" + queue + "-2/terminate", "{}");
    String running = "ExecutionStatus%20%3D%20'Running'%20AND%20TaskQueue%20%3D%20'" + queue + "'";

    Reply page = api.get("/v1/jobs?pageSize=3&query=" + running);
    assertThat(page.status()).as("%s", page).isEqualTo(200);
    assertThat(page.json().at("/jobs").findValuesAsText("id"))
        .containsExactly(queue + "-4", queue + "-3", queue + "-1");
    Reply rest =
        api.get(
            "/v1/jobs?pageSize=3&query=" + running + "&pageToken=" + page.text("/nextPageToken"));
    assertThat(rest.json().at("/jobs").findValuesAsText("id")).containsExactly(queue + "-0");
    assertThat(api.get("/v1/jobs?query=Nonsense").text("/code")).isEqualTo("invalid_query");
  }

  @Test
  void aBatchStartsEachOfItsJobsByItself() {
    Receiver receiver = SITE.receiver();
    String good =
        "{'type':'deliver-webhook','taskQueue':'webhooks','id':'deliver-%s',"
            + TIMEOUT
            + ","
            + "'input':{'eventId':'%s','url':'%s','payload':1}}";
    String jobs =
        good.formatted(event, event, receiver.url())
            + ",{'type':'ship'},"
            + good.formatted(event, event, receiver.url());

    JsonNode results = api.post("/v1/jobs/batch", "{'jobs':[" + jobs + "]}").json().at("/results");

    assertThat(results.at("/0/status").asInt()).isEqualTo(201);
    assertThat(results.at("/1/problem/code").asText()).isEqualTo("invalid_request");
    assertThat(results.at("/2/problem/code").asText()).isEqualTo("job_already_started");
    api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(receiver.counts()).isEqualTo(new Counts(1, 1, 0));
  }

  private Reply start(Receiver receiver, String options) {
    Reply reply =
        api.post(
            "/v1/webhooks",
            "{'eventId':'%s','url':'%s','payload':{}%s}".formatted(event, receiver.url(), options));
    assertThat(reply.status()).as("%s", reply).isEqualTo(201);
    return reply;
  }

  private static void awaitInFlight(Receiver receiver) {
    Await.until("a delivery is in flight", SOON, () -> receiver.counts().received() == 1);
  }

  private static Duration between(String from, String to) {
    return Duration.between(Instant.parse(from), Instant.parse(to));
  }
}
