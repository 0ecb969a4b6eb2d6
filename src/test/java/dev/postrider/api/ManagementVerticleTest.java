package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.config.ManagementConfig;
import dev.postrider.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class ManagementVerticleTest {

  private final AtomicBoolean storeUp = new AtomicBoolean(true);
  private ApiClient client;

  @BeforeEach
  void listen(Vertx vertx) throws Exception {
    Metrics metrics = new Metrics();
    metrics.openStreams(() -> 7);
    ManagementVerticle management =
        new ManagementVerticle(
            new ManagementConfig("127.0.0.1", 0), metrics, Map.of("store", storeUp::get));
    vertx.deployVerticle(management).await(20, TimeUnit.SECONDS);
    client = new ApiClient(management.port());
  }

  @Test
  void aNodeIsReadyWhileItsStoreAnswers() {
    assertThat(client.get("/health/ready").status()).isEqualTo(200);
    assertThat(client.get("/health/ready").json().path("status").asText()).isEqualTo("UP");

    storeUp.set(false);

    HttpAnswer down = client.get("/health/ready");
    assertThat(down.status()).isEqualTo(503);
    assertThat(down.json().path("status").asText()).isEqualTo("DOWN");
    assertThat(down.json().at("/checks/0/id").asText()).isEqualTo("store");
  }

  @Test
  void aNodeLivesWhateverItsStoreDoes() {
    storeUp.set(false);

    assertThat(client.get("/health/live").status()).isEqualTo(200);
    assertThat(client.get("/health/live").json().path("status").asText()).isEqualTo("UP");
  }

  @Test
  void metricsComeInTheFormatAskedFor() {
    HttpAnswer plain = client.get("/metrics");
    assertThat(plain.header("Content-Type")).startsWith("text/plain");
    assertThat(plain.body()).contains("postrider_open_streams 7.0");
    HttpAnswer open =
        client.raw(
            "GET /metrics HTTP/1.1\nHost: h\nAccept: application/openmetrics-text;version=1.0.0\n\n");
    assertThat(open.header("Content-Type")).startsWith("application/openmetrics-text");
    assertThat(open.body()).endsWith("# EOF\n");
  }

  @Test
  void nothingElseIsThere() {
    assertThat(client.get("/v1/nothing").code()).isEqualTo("route_not_found");
    assertThat(client.post("/metrics").code()).isEqualTo("method_not_allowed");
  }
}
