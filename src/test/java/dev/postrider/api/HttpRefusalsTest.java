package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused before anybody asks what it means. */
@ExtendWith(VertxExtension.class)
class HttpRefusalsTest {

  private static final String GOOD_START =
      "{\"type\":\"t\",\"taskQueue\":\"q\",\"startToCloseTimeout\":\"5s\"}";

  private ApiClient client;

  @BeforeEach
  void listen(Vertx vertx) throws Exception {
    ApiOptions options = new ApiOptions("127.0.0.1", 0, "http://127.0.0.1:8081", ApiLimits.DEFAULT);
    ApiVerticle api = new ApiVerticle(options, UnreachableStore::parts);
    vertx.deployVerticle(api).await(20, TimeUnit.SECONDS);
    client = new ApiClient(api.port());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/jobs",
    "GET, /v1/jobs?query=TaskQueue%20%3D%20%27a%27&pageSize=5",
    "GET, /v1/jobs/a",
    "GET, /v1/jobs/batch",
    "GET, /v1/jobs/a%2Fb%20c?namespace=n",
    "GET, /v1/jobs/%2e%2e%2e",
    "GET, /v1/jobs/a/result?wait=5s",
    "GET, /v1/jobs/a/events",
    "DELETE, /v1/jobs/a?runId=0123456789abcdef",
    "POST, /v1/jobs/a/cancel",
    "POST, /v1/jobs/a/terminate",
    "POST, /v1/jobs/a/unpause",
    "POST, /v1/jobs/a/retry-now",
    "POST, /v1/jobs/a/rerun",
    "POST, /v1/jobs/a/complete",
  })
  void aStoreThatDoesNotAnswerIs503WithRetryAfter(String method, String path) {
    HttpAnswer answer = client.call(method, path, null, null);

    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
    assertThat(answer.code()).isEqualTo("store_unavailable");
    assertThat(answer.header("Retry-After")).matches("[0-9]+");
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.body()).doesNotContain("secret");
  }

  @Test
  void startsSayThatTheStoreDoesNotAnswer() {
    assertThat(client.post("/v1/jobs", GOOD_START).code()).isEqualTo("store_unavailable");
    assertThat(client.post("/v1/jobs?wait=1s", GOOD_START).code()).isEqualTo("store_unavailable");
    assertThat(
            client
                .post("/v1/webhooks", "{\"eventId\":\"e\",\"url\":\"http://h/\",\"payload\":null}")
                .code())
        .isEqualTo("store_unavailable");
    HttpAnswer batch = client.post("/v1/jobs/batch", "{\"jobs\":[" + GOOD_START + ",5]}");
    assertThat(batch.status()).isEqualTo(200);
    assertThat(batch.json().at("/results/0/problem/code").asText()).isEqualTo("store_unavailable");
    assertThat(batch.json().at("/results/1/problem/code").asText()).isEqualTo("invalid_request");
    assertThat(batch.json().at("/results/1/problem/errors/0/field").asText()).isEqualTo("jobs[1]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nothing",
        "/v1",
        "/v1/jobs/",
        "/v1//jobs",
        "/v1/jobs//cancel",
        "/v1/jobs/a/b",
        "//"
      })
  void anUnknownPathIs404(String path) {
    HttpAnswer answer = client.raw("GET " + path + " HTTP/1.1\nHost: h\n\n");

    assertThat(answer.status()).as(answer.body()).isEqualTo(404);
    assertThat(answer.code()).isEqualTo("route_not_found");
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /v1/jobs, 'GET,HEAD,OPTIONS,POST'",
    "GET, /v1/webhooks, 'OPTIONS,POST'",
    "PATCH, /v1/jobs/a, 'DELETE,GET,HEAD,OPTIONS'",
    "GET, /v1/jobs/a/cancel, 'OPTIONS,POST'",
    "POST, /v1/jobs/a/events, 'GET,HEAD,OPTIONS'",
    "DELETE, /, 'GET,HEAD,OPTIONS'",
  })
  void aMethodThatIsNotTakenIs405WithThoseThatAre(String method, String path, String allowed) {
    HttpAnswer answer = client.call(method, path, null, null);

    assertThat(answer.status()).as(answer.body()).isEqualTo(405);
    assertThat(answer.code()).isEqualTo("method_not_allowed");
    assertThat(answer.header("Allow").split("[, ]+"))
        .containsExactlyInAnyOrder(allowed.split(",", -1));

    HttpAnswer options = client.call("OPTIONS", path, null, null);
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.header("Allow").split("[, ]+"))
        .containsExactlyInAnyOrder(allowed.split(",", -1));
  }

  @Test
  void headIsAnsweredWhereGetIs() {
    HttpAnswer answer = client.call("HEAD", "/openapi.yaml", null, null);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.header("Content-Type")).isEqualTo("application/yaml");
    assertThat(client.call("HEAD", "/v1/jobs/a", null, null).status()).isEqualTo(503);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/jobs/.", "/v1/jobs/..", "/v1/jobs/%2e", "/v1/jobs/%2E%2e/cancel", "/v1/jobs/%",
            "/v1/jobs/%4",
        "/v1/jobs/%zz", "/v1/jobs/%ff", "/v1/jobs/%c0%80", "/v1/jobs/%ed%a0%80", "/v1/jobs/%00",
            "/v1/jobs/a%0Ab"
      })
  void anIdThatIsNoneIs400(String path) {
    HttpAnswer answer = client.raw("GET " + path + " HTTP/1.1\nHost: h\n\n");

    assertThat(answer.status()).as(answer.body()).isIn(400, 405);
    assertThat(answer.code()).isEqualTo("invalid_request");
  }

  @Test
  void anIdOfOneByteTooManyIs400() {
    assertThat(client.get("/v1/jobs/" + "x".repeat(1000)).code()).isEqualTo("store_unavailable");
    HttpAnswer answer = client.get("/v1/jobs/" + "x".repeat(1001));
    assertThat(answer.code()).isEqualTo("invalid_request");
    assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo("id");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, 503",
        "application/json, 503",
        "Application/JSON; charset=\"UTF-8\", 503",
        "application/cloudevents+json, 503",
        "application/x-www-form-urlencoded, 415",
        "text/plain, 415",
        "application/json; charset=latin1, 415",
        "application/jsonp, 415",
        "multipart/form-data; boundary=x, 415",
        "+json, 415",
      })
  void onlyJsonIsTaken(String contentType, int status) {
    HttpAnswer answer =
        client.call("POST", "/v1/jobs", contentType, GOOD_START.getBytes(StandardCharsets.UTF_8));

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    if (status == 415) {
      assertThat(answer.code()).isEqualTo("unsupported_media_type");
      assertThat(answer.json().path("detail").asText()).contains("--json");
    }
  }

  @Test
  void anEmptyFormIsNoBody() {
    HttpAnswer answer =
        client.call("POST", "/v1/jobs/a/cancel", "application/x-www-form-urlencoded", new byte[0]);

    assertThat(answer.code()).isEqualTo("store_unavailable");
  }

  @Test
  void aCodedBodyIs415() {
    HttpAnswer answer =
        client.raw(
            "POST /v1/jobs HTTP/1.1\nHost: h\nContent-Encoding: gzip\nContent-Length: 2\n\n{}");

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.json().path("detail").asText()).contains("gzip");
  }

  @Test
  void aBodyDeclaredTooLongIsRefusedBeforeItIsSent() {
    HttpAnswer answer = client.raw("POST /v1/jobs HTTP/1.1\nHost: h\nContent-Length: 2162689\n\n{");

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.code()).isEqualTo("body_too_large");
  }

  @Test
  void aBodyThatGrowsTooLongIsRefusedWhenItIs() {
    String chunk = "10000\n" + " ".repeat(65536) + "\n";
    HttpAnswer answer =
        client.raw(
            "POST /v1/jobs HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n" + chunk.repeat(40));

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.code()).isEqualTo("body_too_large");
  }

  @Test
  void aBodyOfTheGreatestLengthIsTaken() {
    int longest = ApiLimits.DEFAULT.maxBodyBytes();
    String padded = GOOD_START + " ".repeat(longest - GOOD_START.length());

    assertThat(client.post("/v1/jobs", padded).code()).isEqualTo("store_unavailable");
    assertThat(client.post("/v1/jobs", padded + " ").code()).isEqualTo("body_too_large");
  }

  @Test
  void aBodyIsWaitedForWhereTheClientAsksFirst() {
    HttpAnswer answer =
        client.raw(
            "POST /v1/jobs HTTP/1.1\nHost: h\nExpect: 100-continue\nContent-Length: 9999999\n\n");

    assertThat(answer.status()).isEqualTo(413);
  }

  @Test
  void aRequestLineThatIsTooLongIs414() {
    String line = "GET /v1/jobs?query=" + "x".repeat(16_400) + " HTTP/1.1\nHost: h\n\n";

    HttpAnswer answer = client.raw(line);

    assertThat(answer.status()).isEqualTo(414);
    assertThat(answer.code()).isEqualTo("uri_too_long");
    String longest = "GET /v1/jobs?x=" + "x".repeat(16_384 - 24) + " HTTP/1.1\nHost: h\n\n";
    assertThat(client.raw(longest).code()).isEqualTo("invalid_request");
  }

  @Test
  void headersThatAreTooLongAre431() {
    HttpAnswer answer =
        client.raw("GET /v1/jobs HTTP/1.1\nHost: h\nX-Long: " + "x".repeat(17_000) + "\n\n");

    assertThat(answer.status()).isEqualTo(431);
    assertThat(answer.code()).isEqualTo("headers_too_large");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/jobs HTTP/1.1\n\n",
        "GET /v1/jobs HTTP/1.1\nHost: a\nHost: b\n\n",
        "GET /v1/jobs HTTP/1.1\nHost: h\nX Y: z\n\n",
        "GET /v1/jobs HTTP/1.1\nHost: h\nX: a\0b\n\n",
        "POST /v1/jobs HTTP/1.1\nHost: h\nContent-Length: -1\n\n",
        "POST /v1/jobs HTTP/1.1\nHost: h\nContent-Length: 1\nContent-Length: 2\n\n{}",
        "GET /v1/jobs NONSENSE/9\n\n",
      })
  void whatIsNoProperHttpIs400(String request) {
    HttpAnswer answer = client.raw(request);

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid_request");
  }

  @Test
  void malformedJsonIsToldWithItsPlace() {
    HttpAnswer answer = client.post("/v1/jobs", "{\n\"type\": }");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("malformed_json");
    assertThat(answer.json().path("line").asInt()).isEqualTo(2);
    assertThat(answer.json().path("column").asInt()).isPositive();
    assertThat(client.post("/v1/jobs", "").code()).isEqualTo("malformed_json");
    assertThat(client.post("/v1/jobs/a/cancel", "x").code()).isEqualTo("malformed_json");
  }

  @Test
  void aQueryThatCannotBeUnderstoodIsToldWithItsPlace() {
    HttpAnswer answer = client.get("/v1/jobs?query=TaskQueue%20!%3D%20%27a%27");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.code()).isEqualTo("invalid_query");
    assertThat(answer.json().path("position").asInt()).isEqualTo(11);
    assertThat(answer.json().path("expected").asText()).isEqualTo("=");
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/jobs?pagesize=5, pagesize, is an unknown parameter",
    "/v1/jobs?pageSize=0, pageSize, from 1 to 1000",
    "/v1/jobs?pageSize=1001, pageSize, from 1 to 1000",
    "/v1/jobs?pageSize=x, pageSize, from 1 to 1000",
    "/v1/jobs?pageSize=1&pageSize=2, pageSize, once",
    "/v1/jobs?namespace=, namespace, empty",
    "/v1/jobs?namespace=%ff, namespace, UTF-8",
    "/v1/jobs?namespace=.., namespace, ..",
    "/v1/jobs/a?runId=x, runId, hexadecimal",
    "/v1/jobs/a?wait=5s, wait, unknown",
    "/v1/jobs/a/result?wait=61s, wait, at most 1m",
    "/v1/jobs/a/result?wait=5, wait, unit",
    "/v1/jobs/a/events?lastEventId=x, lastEventId, stream",
  })
  void aWrongParameterIsNamed(String path, String field, String message) {
    HttpAnswer answer = client.get(path);

    assertThat(answer.code()).isEqualTo("invalid_request");
    assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo(field);
    assertThat(answer.json().at("/errors/0/message").asText()).contains(message);
  }

  @Test
  void thePageLinksToTheContractAndHealth() {
    HttpAnswer answer = client.get("/");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).startsWith("text/html");
    assertThat(answer.body())
        .contains("href=\"/openapi.yaml\"")
        .contains("href=\"http://127.0.0.1:8081/health/ready\"")
        .contains("http://127.0.0.1:")
        .doesNotContain("{{");
    assertThat(client.raw("GET / HTTP/1.1\nHost: a<b>\"\n\n").body()).doesNotContain("a<b>");
  }

  @Test
  void http2IsSpokenToo() throws Exception {
    HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(client.url() + "/v1/jobs"));
    HttpResponse<String> good =
        http2.send(
            request.POST(HttpRequest.BodyPublishers.ofString(GOOD_START)).build(),
            HttpResponse.BodyHandlers.ofString());
    HttpResponse<String> again =
        http2.send(
            request.POST(HttpRequest.BodyPublishers.ofString("{")).build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(again.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(good.statusCode()).as(good.body()).isEqualTo(503);
    assertThat(again.statusCode()).isEqualTo(400);
    String tooLong = client.url() + "/v1/jobs?query=" + "x".repeat(16_400);
    HttpResponse<String> refused =
        http2.send(
            HttpRequest.newBuilder(URI.create(tooLong)).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(414);
    assertThat(refused.body()).contains("uri_too_long");
  }

  @Test
  void aPageOfSomebodyElseChangesNothing() {
    String post =
        "POST /v1/jobs/a/cancel HTTP/1.1\nHost: h\nSec-Fetch-Site: %s\nContent-Length: 0\n\n";

    assertThat(client.raw(String.format(post, "cross-site")).code()).isEqualTo("invalid_request");
    assertThat(client.raw(String.format(post, "same-origin")).code())
        .isEqualTo("store_unavailable");
  }
}
