package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.cluster.Receiver.Counts;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An event is posted once and arrives: what the walkthrough shows, against the real processes. */
@Tag("process")
class TutorialIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String QUICK_RETRY =
      "'retryPolicy':{'initialInterval':'100ms','maximumInterval':'200ms'}";

  @RegisterExtension static final Site SITE = Site.ofClass();

  private static Api api = new Api(SITE.http(), 0);

  @BeforeAll
  static void start() {
    api = SITE.service().api();
  }

  @Test
  void anEventIsDeliveredOnceAndItsJobCompletesAtTheFirstAttempt() {
    Receiver receiver = SITE.receiver();
    String event = event();

    Reply started = webhook(event, receiver, "");
    assertThat(started.status()).as("%s", started).isEqualTo(201);
    assertThat(started.text("/id")).isEqualTo("deliver-" + event);
    assertThat(started.json().at("/started").asBoolean()).isTrue();

    Reply result = api.get("/v1/jobs/deliver-" + event + "/result?wait=30s");
    assertThat(result.status()).as("%s", result).isEqualTo(200);
    assertThat(result.text("/status")).isEqualTo("completed");
    assertThat(result.number("/result")).isEqualTo(200);

    Reply job = api.job("deliver-" + event);
    assertThat(job.number("/attempt")).isEqualTo(1);
    assertThat(job.json().at("/attempts")).hasSize(1);
    assertThat(job.text("/attempts/0/outcome")).isEqualTo("completed");
    assertThat(job.number("/attempts/0/response/status")).isEqualTo(200);
    assertThat(receiver.counts()).isEqualTo(new Counts(1, 1, 0));
    JsonNode delivery = receiver.received().json().at("/deliveries/0");
    assertThat(delivery.at("/idempotency_key").asText()).isEqualTo("webhook:" + event);
    assertThat(delivery.at("/body").toString()).isEqualTo("{\"order\":17}");
  }

  @Test
  void anEventReachesAReceiverThatWasDownWhenItWasSent() {
    Receiver receiver = SITE.laterReceiver();
    String event = event();
    webhook(event, receiver, QUICK_RETRY);

    Reply waiting =
        Await.until(
            "an attempt has failed",
            SOON,
            () -> api.job("deliver-" + event),
            job -> job.number("/attempt") > 1);
    assertThat(waiting.text("/status")).isEqualTo("running");
    assertThat(waiting.text("/failure/type")).isEqualTo("connect_failed");
    receiver.up();

    Reply job = api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(job.text("/attempts/0/failure/type")).isEqualTo("connect_failed");
    assertThat(receiver.counts()).isEqualTo(new Counts(1, 1, 0));
  }

  @Test
  void afterARefusalTheNextAttemptComesAfterTheInitialIntervalWithTheFailureVisibleMeanwhile() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'status':503,'times':1}");
    String event = event();
    webhook(event, receiver, "");

    Reply waiting =
        Await.until(
            "the first attempt has failed",
            SOON,
            () -> api.job("deliver-" + event),
            job -> job.text("/waitingFor").equals("backoff"));
    assertThat(waiting.text("/status")).isEqualTo("running");
    assertThat(waiting.text("/runState")).isEqualTo("scheduled");
    assertThat(waiting.text("/failure/type")).isEqualTo("http.503");
    assertThat(waiting.number("/attempts/0/response/status")).isEqualTo(503);

    Reply job = api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(job.number("/attempt")).isEqualTo(2);
    Instant failed = Instant.parse(job.text("/attempts/0/endedAt"));
    Instant again = Instant.parse(job.text("/attempts/1/startedAt"));
    assertThat(Duration.between(failed, again)).isBetween(Duration.ofSeconds(1), SOON);
    assertThat(job.json().at("/failure").isMissingNode()).isTrue();
    assertThat(receiver.counts()).isEqualTo(new Counts(2, 1, 0));
  }

  @Test
  void aReceiverThatFailsAfterItsWorkTellsTheRepetitionsByTheirKey() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'status':500,'times':2,'when':'after'}");
    String event = event();
    webhook(event, receiver, QUICK_RETRY);

    Reply job = api.awaitStatus("deliver-" + event, "completed", SOON);

    assertThat(job.number("/attempt")).isEqualTo(3);
    assertThat(receiver.counts()).isEqualTo(new Counts(3, 1, 2));
    assertThat(receiver.keys()).isEqualTo(Set.of("webhook:" + event));
  }

  @Test
  void thePostsThatSomebodyRepeatsByHandWithoutTheKeyAreProcessedEachTime() {
    Receiver receiver = SITE.receiver();
    for (int i = 0; i < 3; i++) {
      Reply reply = SITE.http().call("POST", receiver.port(), "/hooks", "{\"order\":17}");
      assertThat(reply.body()).isEqualTo("{\"status\":\"ok\",\"deduped\":false}");
    }
    assertThat(receiver.counts()).isEqualTo(new Counts(3, 3, 0));
  }

  @Test
  void aSecondStartWhileTheFirstIsOpenIsRefusedOrGetsTheSameRun() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'delay':'2s'}");
    String event = event();
    String runId = webhook(event, receiver, "").text("/runId");

    Reply refused = webhook(event, receiver, "");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("job_already_started");
    assertThat(refused.text("/runId")).isEqualTo(runId);
    Reply existing = webhook(event, receiver, "'idConflictPolicy':'use_existing'");
    assertThat(existing.status()).isEqualTo(200);
    assertThat(existing.text("/runId")).isEqualTo(runId);
    assertThat(existing.json().at("/started").asBoolean(true)).isFalse();

    api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(receiver.counts()).isEqualTo(new Counts(1, 1, 0));
  }

  @Test
  void aStartAfterTheEndIsANewRunOrRefusedOrTheOldOutcomeByPolicy() {
    Receiver receiver = SITE.receiver();
    String event = event();
    String first = webhook(event, receiver, "").text("/runId");
    api.awaitStatus("deliver-" + event, "completed", SOON);

    Reply refused = webhook(event, receiver, "'idReusePolicy':'reject_duplicate'");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("job_already_started");
    Reply notFailed = webhook(event, receiver, "'idReusePolicy':'allow_duplicate_failed_only'");
    assertThat(notFailed.status()).isEqualTo(409);
    Reply old = webhook(event, receiver, "'idReusePolicy':'return_existing'");
    assertThat(old.status()).isEqualTo(200);
    assertThat(old.text("/runId")).isEqualTo(first);
    assertThat(old.text("/status")).isEqualTo("completed");
    assertThat(old.number("/result")).isEqualTo(200);

    Reply again = webhook(event, receiver, "");
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.text("/runId")).isNotEqualTo(first);
    api.awaitStatus("deliver-" + event, "completed", SOON);
    assertThat(receiver.counts()).isEqualTo(new Counts(2, 1, 1));
    Reply earlier = api.get("/v1/jobs/deliver-" + event + "?runId=" + first);
    assertThat(earlier.text("/status")).isEqualTo("completed");
  }

  @Test
  void aStartThatWaitsIsAnsweredWithTheOutcome() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'delay':'300ms'}");
    Reply reply =
        api.post("/v1/webhooks?wait=30s", body(event(), receiver, "'summary':'one of many'"));

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.text("/status")).isEqualTo("completed");
    assertThat(reply.text("/summary")).isEqualTo("one of many");
  }

  @Test
  void aStreamTellsTheStoryOfItsJobAndEnds() {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'status':503,'times':1}");
    String event = event();
    webhook(event, receiver, QUICK_RETRY + ",'startPaused':true");
    Events events = api.listen("/v1/jobs/deliver-" + event + "/events");
    Await.until("it opens", SOON, () -> events.names().contains("snapshot"));
    api.post("/v1/jobs/deliver-" + event + "/unpause", "{}");

    events.awaitEnd(SOON);

    assertThat(events.contentType()).startsWith("text/event-stream");
    assertThat(events.names()).startsWith("snapshot").endsWith("job.completed", "end");
    assertThat(events.names())
        .containsSubsequence("job.leased", "job.retrying", "job.leased", "job.completed");
    String last = events.frames().get(events.frames().size() - 1).id();
    Reply after = api.get("/v1/jobs/deliver-" + event + "/events?lastEventId=" + last);
    assertThat(after.status()).isEqualTo(204);
  }

  static Reply webhook(String event, Receiver receiver, String options) {
    return api.post("/v1/webhooks", body(event, receiver, options));
  }

  private static String body(String event, Receiver receiver, String options) {
    return "{'eventId':'%s','url':'%s','payload':{'order':17}%s}"
        .formatted(event, receiver.url(), options.isEmpty() ? "" : "," + options);
  }

  private static String event() {
    return UUID.randomUUID().toString();
  }
}
