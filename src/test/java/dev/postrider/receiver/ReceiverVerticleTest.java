package dev.postrider.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.receiver.ReceiverOptions.Limits;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class ReceiverVerticleTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.060Z");
  private static final int BODY_LIMIT = 20_000;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicLong nanos = new AtomicLong();
  private int port;

  @BeforeEach
  void deploy(Vertx vertx) throws Exception {
    ReceiverOptions options =
        new ReceiverOptions("127.0.0.1", 0, Limits.DEFAULT.withBodyBytes(BODY_LIMIT));
    ReceiverVerticle receiver = new ReceiverVerticle(options, () -> NOW, nanos::get);
    vertx.deployVerticle(receiver).await(10, TimeUnit.SECONDS);
    port = receiver.port();
  }

  @Test
  void anEventPostedThreeTimesWithItsKeyIsProcessedOnce() throws Exception {
    assertThat(hook("{\"id\":1}", "webhook:evt_1"))
        .isEqualTo("{\"status\":\"ok\",\"deduped\":false}");
    assertThat(hook("{\"id\":1}", "webhook:evt_1"))
        .isEqualTo("{\"status\":\"ok\",\"deduped\":true}");
    assertThat(hook("{\"id\":1}", "webhook:evt_1"))
        .isEqualTo("{\"status\":\"ok\",\"deduped\":true}");

    assertCounts(3, 1, 2, 0);
  }

  @Test
  void anEventPostedThreeTimesWithoutAKeyIsProcessedThreeTimes() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(post("/hooks", "{}").statusCode()).isEqualTo(200);
    }

    assertCounts(3, 3, 0, 0);
  }

  @Test
  void receivedTellsWhatCameInAsItCame() throws Exception {
    String body = "{\"b\" : 1.50,\n\"a\":\"\\u00e9 é\", \"n\": 12345678901234567890.10}";
    raw(
        "POST /hooks HTTP/1.1\r\nHost: r\r\nX-Zulu: 1\r\nx-alpha: 2\r\nX-ZULU: 3\r\n"
            + "Idempotency-Key: k\r\nConnection: close\r\nContent-Length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n\r\n"
            + body);

    String text = get("/_received").body();

    assertThat(text).contains("\"body\":" + body + ",\"idempotency_key\":\"k\"");
    assertThat(text).contains("\"headers\":{\"Host\":\"r\",\"X-Zulu\":\"1, 3\",\"x-alpha\":\"2\",");
    assertThat(text).contains("\"received_at\":\"2026-01-02T03:04:05.060Z\"");
    assertThat(text).contains("\"rate_limit\":0,\"count\":1,");
  }

  @Test
  void aDeliveryWithoutAKeySaysSo() throws Exception {
    post("/hooks", "[1]");

    JsonObject delivery = received().getJsonArray("deliveries").getJsonObject(0);

    assertThat(delivery.containsKey("idempotency_key")).isTrue();
    assertThat(delivery.getValue("idempotency_key")).isNull();
    assertThat(delivery.getJsonArray("body")).isEqualTo(new JsonArray().add(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "{", "{} {}", "{}]", "nope", "{'a':1}", "[1,]", "01", "\uFEFF{}"})
  void whatIsNotJsonIsRefusedAndNotCounted(String body) throws Exception {
    HttpResponse<String> response = post("/hooks", body);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("the body is");
    assertCounts(0, 0, 0, 0);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() throws Exception {
    HttpRequest request =
        request("/hooks")
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    "\"é\"".getBytes(StandardCharsets.ISO_8859_1)))
            .build();

    assertThat(send(request).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain"
      })
  void theContentTypeDoesNotMatter(String contentType) throws Exception {
    HttpRequest request =
        request("/hooks")
            .header("Content-Type", contentType)
            .POST(HttpRequest.BodyPublishers.ofString("{\"a\":1}"))
            .build();

    assertThat(send(request).statusCode()).isEqualTo(200);
    assertThat(get("/_received").body()).contains("\"body\":{\"a\":1}");
  }

  @Test
  void aBodyAtTheLimitIsTakenAndOneByteMoreIsNot() throws Exception {
    String atLimit = "\"" + "x".repeat(BODY_LIMIT - 2) + "\"";

    assertThat(post("/hooks", atLimit).statusCode()).isEqualTo(200);
    assertThat(post("/hooks", atLimit + " ").statusCode()).isEqualTo(413);
    assertCounts(1, 1, 0, 0);
  }

  @Test
  void theRateLimitAnswers429UntilItHasRefilled() throws Exception {
    assertThat(post("/_rate_limit?limit=2", "").body())
        .isEqualTo("{\"status\":\"ok\",\"rate_limit\":2}");
    hook("{}", "a");
    hook("{}", "a");

    HttpResponse<String> refused = post("/hooks", "{}");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).isEqualTo("{\"status\":\"rate_limited\"}");
    assertCounts(3, 1, 1, 1);
    nanos.addAndGet(500_000_000);
    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(200);
  }

  @Test
  void theRateLimitMayBeAFractionAndIsTurnedOffByZero() throws Exception {
    post("/_rate_limit?limit=0.5", "");
    assertThat(received().getDouble("rate_limit")).isEqualTo(0.5);
    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(200);
    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(429);

    post("/_rate_limit?limit=0", "");

    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(200);
    assertThat(received().getInteger("rate_limit")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "?limit=",
        "?limit=-1",
        "?limit=x",
        "?limit=NaN",
        "?limit=1e3",
        "?limit=1&limit=2",
        "?limit=99999999999"
      })
  void aBadRateLimitIsRefusedAndChangesNothing(String query) throws Exception {
    post("/_rate_limit?limit=7", "");

    HttpResponse<String> response = post("/_rate_limit" + query, "");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("limit must be a number");
    assertThat(received().getInteger("rate_limit")).isEqualTo(7);
  }

  @Test
  void resetClearsEverythingButTheRateLimit() throws Exception {
    post("/_rate_limit?limit=5", "");
    hook("{}", "a");
    post("/_behave", "{\"status\":500}");

    assertThat(post("/_reset", "").statusCode()).isEqualTo(200);

    assertThat(received())
        .isEqualTo(
            new JsonObject(
                "{\"received_count\":0,\"processed_count\":0,\"deduped_count\":0,"
                    + "\"throttled_count\":0,\"rate_limit\":5,\"count\":0,\"deliveries\":[]}"));
    assertThat(hook("{}", "a")).contains("\"deduped\":false");
  }

  @Test
  void failingBeforeIsCountedInReceivedOnly() throws Exception {
    assertThat(post("/_behave", "{\"status\":503}").statusCode()).isEqualTo(200);

    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(503);
    assertCounts(1, 0, 0, 0);
    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(200);
  }

  @Test
  void failingAfterRecordsOnceAndDedupesWhatIsSentAgain() throws Exception {
    post("/_behave", "{\"status\":500,\"times\":2,\"when\":\"after\"}");

    for (int status : new int[] {500, 500, 200}) {
      assertThat(send(hookRequest("{}", "webhook:evt_1")).statusCode()).isEqualTo(status);
    }

    assertCounts(3, 1, 2, 0);
  }

  @Test
  void aScriptedAnswerHasItsBodyAndRetryAfter() throws Exception {
    post("/_behave", "{\"status\":429,\"retryAfter\":\"90s\",\"body\":\"slow down\"}");

    HttpResponse<String> response = post("/hooks", "{}");

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("Retry-After")).hasValue("90");
    assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    assertThat(response.body()).isEqualTo("slow down");
  }

  @Test
  void aStatusWithoutContentHasNone() throws Exception {
    post("/_behave", "{\"status\":204,\"when\":\"after\"}");

    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(204);
  }

  @Test
  void aDelayedRequestIsAnsweredAndRecordedWhenTheDelayIsOver() throws Exception {
    post("/_behave", "{\"delay\":\"300ms\"}");
    long begun = System.nanoTime();

    CompletableFuture<HttpResponse<String>> slow =
        http.sendAsync(hookRequest("{}", "a"), HttpResponse.BodyHandlers.ofString());

    assertThat(slow.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(290));
    assertCounts(1, 1, 0, 0);
  }

  @Test
  void aHangingRequestIsNotAnsweredAndHoldsNoOtherUp() throws Exception {
    post("/_behave", "{\"hang\":true,\"when\":\"after\"}");

    CompletableFuture<HttpResponse<String>> hanging =
        http.sendAsync(hookRequest("{}", "a"), HttpResponse.BodyHandlers.ofString());
    while (received().getInteger("received_count") == 0) {
      Thread.onSpinWait();
    }

    assertThat(hook("{}", "b")).contains("ok");
    assertThat(hanging).isNotDone();
    assertCounts(2, 2, 0, 0);
    hanging.cancel(true);
  }

  @Test
  void aClosedRequestEndsWithoutAnAnswer() throws Exception {
    post("/_behave", "{\"close\":true}");

    String answer = raw("POST /hooks HTTP/1.1\r\nHost: r\r\nContent-Length: 2\r\n\r\n{}");

    assertThat(answer).isEmpty();
    assertCounts(1, 0, 0, 0);
  }

  @Test
  void aWrongBehaviourIsRefusedByTheNameOfItsField() throws Exception {
    HttpResponse<String> response = post("/_behave", "{\"times\":\"2\"}");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("times must be an integer");
    assertThat(post("/hooks", "{}").statusCode()).isEqualTo(200);
  }

  @Test
  void thePageShowsWhatCameInAndEscapesIt() throws Exception {
    hook("{\"x\":\"<script>alert('1')</script>\"}", "\"k&1\"");

    HttpResponse<String> page = get("/");

    assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
    assertThat(page.body())
        .contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;")
        .contains("&quot;k&amp;1&quot;")
        .contains("http-equiv=\"refresh\" content=\"2\"")
        .doesNotContain("<script");
  }

  @Test
  void unknownPathsAndMethodsAreToldApart() throws Exception {
    assertThat(get("/nowhere").statusCode()).isEqualTo(404);
    assertThat(get("/hooks").statusCode()).isEqualTo(405);
  }

  @Test
  void aPortInUseFailsTheDeployment(Vertx vertx) {
    ReceiverVerticle second = new ReceiverVerticle("127.0.0.1", port);

    assertThatThrownBy(() -> vertx.deployVerticle(second).await(10, TimeUnit.SECONDS))
        .isInstanceOf(java.net.BindException.class);
  }

  private void assertCounts(long received, long processed, long deduped, long throttled)
      throws Exception {
    JsonObject report = received();
    assertThat(report.getLong("received_count")).as("received").isEqualTo(received);
    assertThat(report.getLong("processed_count")).as("processed").isEqualTo(processed);
    assertThat(report.getLong("deduped_count")).as("deduped").isEqualTo(deduped);
    assertThat(report.getLong("throttled_count")).as("throttled").isEqualTo(throttled);
    assertThat(report.getLong("count")).as("count").isEqualTo(processed);
  }

  private JsonObject received() throws Exception {
    return new JsonObject(get("/_received").body());
  }

  private String hook(String body, String key) throws Exception {
    return send(hookRequest(body, key)).body();
  }

  private HttpRequest hookRequest(String body, String key) {
    return request("/hooks")
        .header("Idempotency-Key", key)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(10));
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** What comes back until the receiver closes the connection. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      try (InputStream in = socket.getInputStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    }
  }
}
