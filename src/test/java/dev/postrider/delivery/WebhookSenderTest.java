package dev.postrider.delivery;

import static dev.postrider.delivery.SenderFixture.LONG;
import static dev.postrider.delivery.SenderFixture.RESPONSE_BYTES;
import static dev.postrider.delivery.SenderFixture.outcome;
import static dev.postrider.delivery.SenderFixture.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.delivery.DeliveryOutcome.Delivered;
import dev.postrider.delivery.DeliveryOutcome.Refused;
import dev.postrider.receiver.ReceiverVerticle;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClient;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries to a receiver that speaks HTTP as it should. */
@ExtendWith(VertxExtension.class)
class WebhookSenderTest {

  private WebClient http;
  private WebhookSender sender;
  private int port;
  private String host = "127.0.0.1";
  private String url;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    ReceiverVerticle receiver = new ReceiverVerticle("127.0.0.1", 0);
    vertx.deployVerticle(receiver).await(10, TimeUnit.SECONDS);
    http = WebClient.create(vertx);
    sender = new SenderFixture(vertx).sender();
    port = receiver.port();
    url = "http://receiver.test:" + port + "/hooks";
  }

  @AfterEach
  void close() throws Exception {
    sender.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void theReceiverGetsThePayloadsBytesAndWhoItIs() throws Exception {
    String payload = "{\"b\" : 1.50,\n\"a\":\"\\u00e9 é\"}";
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Zulu", "1");
    headers.put("Authorization", "Bearer x");

    DeliveryOutcome outcome = outcome(sender.send(webhook(url, payload, headers), 3, LONG));

    assertThat(outcome).isInstanceOf(Delivered.class);
    assertThat(((Delivered) outcome).response().status()).isEqualTo(200);
    assertThat(((Delivered) outcome).response().durationMs()).isBetween(0, 20_000);
    assertThat(((Delivered) outcome).response().body())
        .hasToString("{\"status\":\"ok\",\"deduped\":false}");
    assertThat(get("/_received").toString()).contains("\"body\":" + payload + ",");
    assertThat(received().getMap())
        .containsEntry("X-Zulu", "1")
        .containsEntry("Authorization", "Bearer x")
        .containsEntry("Idempotency-Key", "webhook:evt_1")
        .containsEntry("webhook-id", "evt_1")
        .containsEntry("webhook-timestamp", "1767323045")
        .containsEntry("Postrider-Attempt", "3");
    assertThat(header("host")).isEqualTo("receiver.test:" + port);
    assertThat(header("user-agent")).isEqualTo("Postrider/1.2.3");
    assertThat(header("content-type")).isEqualTo("application/json");
    assertThat(header("content-length")).isEqualTo("" + Buffer.buffer(payload).length());
  }

  @Test
  void theUsersContentTypeReplacesOurs() throws Exception {
    Map<String, String> headers = Map.of("content-type", "application/cloudevents+json");

    outcome(sender.send(webhook(url, "1", headers), 1, LONG));

    assertThat(header("content-type")).isEqualTo("application/cloudevents+json");
  }

  @Test
  void noHeaderOfTheUsersIsDropped() throws Exception {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Own", "1");
    headers.put("x-own", "2");

    outcome(sender.send(webhook(url, "1", headers), 1, LONG));

    assertThat(header("x-own")).isEqualTo("1, 2");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204, 299})
  void every2xxIsASuccess(int status) throws Exception {
    behave("{\"status\":" + status + ",\"body\":\"fine\"}");

    assertThat(outcome(sender.send(webhook(url), 1, LONG))).isInstanceOf(Delivered.class);
  }

  @ParameterizedTest
  @CsvSource({
    "300, false",
    "302, false",
    "304, false",
    "400, false",
    "401, false",
    "404, false",
    "409, false",
    "410, true",
    "418, false",
    "429, false",
    "500, false",
    "503, false",
    "599, false"
  })
  void everyOtherAnswerIsAFailureThatNamesItsStatus(int status, boolean last) throws Exception {
    behave("{\"status\":" + status + ",\"body\":\"no\"}");

    Refused refused = refused(outcome(sender.send(webhook(url), 1, LONG)));

    assertThat(refused.failureType()).isEqualTo("http." + status);
    assertThat(refused.nonRetryable()).isEqualTo(last);
    assertThat(refused.retryAfter()).isNull();
    assertThat(Objects.requireNonNull(refused.response()).status()).isEqualTo(status);
    assertThat(refused.failure().type()).isEqualTo("http." + status);
  }

  @Test
  void aRefusalTellsWhatTheReceiverSaid() throws Exception {
    behave("{\"status\":503,\"retryAfter\":\"2m\",\"body\":\"come back later\"}");

    Refused refused = refused(outcome(sender.send(webhook(url), 1, LONG)));

    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMinutes(2));
    assertThat(refused.message()).isEqualTo("the receiver answered 503");
    assertThat(Objects.requireNonNull(refused.response()).body()).hasToString("come back later");
    assertThat(refused.failure().nextRetryDelay()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void retryAfterIsCutToADay() throws Exception {
    behave("{\"status\":429,\"retryAfter\":\"30d\"}");

    assertThat(refused(outcome(sender.send(webhook(url), 1, LONG))).retryAfter())
        .isEqualTo(Duration.ofDays(1));
  }

  @Test
  void retryAfterOfAnotherFailureIsLeftToThePolicy() throws Exception {
    behave("{\"status\":500,\"retryAfter\":\"30s\"}");

    assertThat(refused(outcome(sender.send(webhook(url), 1, LONG))).retryAfter()).isNull();
  }

  @Test
  void ofAnAnswerTheFirstBytesAreKept() throws Exception {
    behave("{\"status\":500,\"body\":\"" + "x".repeat(RESPONSE_BYTES) + "y\"}");

    Refused refused = refused(outcome(sender.send(webhook(url), 1, LONG)));

    assertThat(Objects.requireNonNull(refused.response()).body())
        .hasToString("x".repeat(RESPONSE_BYTES));
  }

  @Test
  void anIpv6AddressIsReachedByItsNumber(Vertx vertx) throws Exception {
    ReceiverVerticle receiver = new ReceiverVerticle("::1", 0);
    vertx.deployVerticle(receiver).await(10, TimeUnit.SECONDS);
    port = receiver.port();
    host = "::1";

    DeliveryOutcome outcome =
        outcome(sender.send(webhook("http://[::1]:" + port + "/hooks"), 1, LONG));

    assertThat(outcome).isInstanceOf(Delivered.class);
    assertThat(header("host")).isEqualTo("[0:0:0:0:0:0:0:1]:" + port);
  }

  @Test
  void timeoutBefore_leavesHalfASecondAndAtMostATenth() {
    assertThat(WebhookSender.timeoutBefore(Duration.ofSeconds(15)))
        .isEqualTo(Duration.ofMillis(14_500));
    assertThat(WebhookSender.timeoutBefore(Duration.ofSeconds(1)))
        .isEqualTo(Duration.ofMillis(900));
    assertThat(WebhookSender.timeoutBefore(Duration.ZERO)).isEqualTo(Duration.ZERO);
  }

  private static Refused refused(DeliveryOutcome outcome) {
    assertThat(outcome).isInstanceOf(Refused.class);
    return (Refused) outcome;
  }

  private void behave(String behaviour) throws Exception {
    http.post(port, "127.0.0.1", "/_behave")
        .sendBuffer(Buffer.buffer(behaviour))
        .await(10, TimeUnit.SECONDS);
  }

  private Buffer get(String path) throws Exception {
    return http.get(port, host, path)
        .putHeader("Host", "receiver")
        .send()
        .await(10, TimeUnit.SECONDS)
        .body();
  }

  private JsonObject received() throws Exception {
    return new JsonObject(get("/_received"))
        .getJsonArray("deliveries")
        .getJsonObject(0)
        .getJsonObject("headers");
  }

  private String header(String name) throws Exception {
    return received().stream()
        .filter(header -> header.getKey().equalsIgnoreCase(name))
        .map(header -> (String) header.getValue())
        .findFirst()
        .orElse("");
  }
}
