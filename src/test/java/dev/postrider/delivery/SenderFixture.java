package dev.postrider.delivery;

import dev.postrider.config.DeliveryConfig;
import dev.postrider.job.WebhookInput;
import dev.postrider.job.WebhookUrl;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A sender with names of its own, small bounds and a clock that stands still. */
final class SenderFixture {

  static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  /** How much of an answer it keeps. */
  static final int RESPONSE_BYTES = 100;

  /** More than any test takes, unless it waits for exactly this. */
  static final Duration LONG = Duration.ofSeconds(20);

  private static final String HOSTS =
      """
      127.0.0.1 receiver.test
      10.1.2.3 private.test
      """;

  private final Vertx vertx;
  private AddressGuard guard = AddressGuard.auto(true);
  private AddressResolverOptions names =
      new AddressResolverOptions().setHostsValue(Buffer.buffer(HOSTS)).addServer("127.0.0.1:1");
  private Duration connectTimeout = Duration.ofSeconds(10);
  private @Nullable TrustOptions trusted;

  SenderFixture(Vertx vertx) {
    this.vertx = vertx;
  }

  SenderFixture guard(AddressGuard other) {
    guard = other;
    return this;
  }

  SenderFixture nameServer(int port) {
    names = new AddressResolverOptions(names).setServers(List.of("127.0.0.1:" + port));
    return this;
  }

  SenderFixture connectTimeout(Duration other) {
    connectTimeout = other;
    return this;
  }

  SenderFixture trusting(TrustOptions other) {
    trusted = other;
    return this;
  }

  WebhookSender sender() {
    DeliveryConfig defaults = DeliveryConfig.DEFAULT;
    DeliveryConfig config =
        new DeliveryConfig(
            defaults.allowedNetworks(),
            defaults.taskQueues(),
            defaults.maxInFlight(),
            defaults.maxInFlightPerDestination(),
            RESPONSE_BYTES,
            connectTimeout,
            defaults.keepAlive(),
            defaults.maxRetryAfter(),
            defaults.shutdownGrace());
    return new WebhookSender(vertx, config, guard, "1.2.3", () -> NOW, names, trusted);
  }

  static WebhookInput webhook(String url) {
    return webhook(url, "{\"a\": 1}", Map.of());
  }

  static WebhookInput webhook(String url, String payload, Map<String, String> headers) {
    return new WebhookInput("evt_1", WebhookUrl.parse(url), Buffer.buffer(payload), headers);
  }

  static DeliveryOutcome outcome(Delivery delivery) throws Exception {
    return delivery.outcome().await(30, TimeUnit.SECONDS);
  }
}
