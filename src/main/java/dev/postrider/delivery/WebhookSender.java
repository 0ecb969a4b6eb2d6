package dev.postrider.delivery;

import dev.postrider.config.DeliveryConfig;
import dev.postrider.job.WebhookInput;
import dev.postrider.job.WebhookUrl;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * POSTs webhooks over HTTP/1.1 with connections that are kept for the next one.
 *
 * <p>Nothing is sent twice behind its caller's back: a connection that turns out to be closed is a
 * failed attempt, and the retry policy decides. Redirects are not followed and answers are not
 * decompressed.
 */
public final class WebhookSender {

  /** An answer's head; common servers send a few hundred bytes. */
  private static final int MAX_HEAD_BYTES = 16 << 10;

  private static final Duration MOST_ABORTED_EARLY = Duration.ofMillis(500);

  private final Vertx vertx;
  private final DeliveryConfig config;
  private final AddressGuard guard;
  private final HostResolver resolver;
  private final HttpClient client;
  private final String userAgent;
  private final InstantSource instants;

  /**
   * A sender of a node.
   *
   * @param version of this service, which receivers are told
   * @param instants the clock that signs: {@code webhook-timestamp}
   */
  public WebhookSender(
      Vertx vertx,
      DeliveryConfig config,
      AddressGuard guard,
      String version,
      InstantSource instants) {
    this(vertx, config, guard, version, instants, new AddressResolverOptions(), null);
  }

  WebhookSender(
      Vertx vertx,
      DeliveryConfig config,
      AddressGuard guard,
      String version,
      InstantSource instants,
      AddressResolverOptions names,
      @Nullable TrustOptions trusted) {
    this.vertx = vertx;
    this.config = config;
    this.guard = guard;
    this.resolver = new HostResolver(vertx, names, config.connectTimeout());
    this.client =
        vertx.httpClientBuilder().with(options(config, trusted)).with(pool(config)).build();
    this.userAgent = "Postrider/" + version;
    this.instants = instants;
  }

  private static HttpClientOptions options(DeliveryConfig config, @Nullable TrustOptions trusted) {
    int connectMillis = (int) config.connectTimeout().toMillis();
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout(connectMillis)
            .setSslHandshakeTimeout(connectMillis)
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setKeepAliveTimeout((int) Math.max(1, config.keepAlive().toSeconds()))
            .setMaxHeaderSize(MAX_HEAD_BYTES)
            .setDecompressionSupported(false)
            .setVerifyHost(true)
            .setTcpNoDelay(true);
    if (OpenSSLEngineOptions.isAvailable()) {
      options.setSslEngineOptions(new OpenSSLEngineOptions());
    }
    return trusted == null ? options : options.setTrustOptions(trusted);
  }

  /**
   * Room for all that may be in flight to one destination, so that no delivery ever waits here: it
   * is for the lease to hold them back, where waiting costs nobody else.
   */
  private static PoolOptions pool(DeliveryConfig config) {
    return new PoolOptions().setHttp1MaxSize(config.maxInFlight()).setMaxWaitQueueSize(0);
  }

  /**
   * Sends one webhook once. Its events run on the caller's context, or one of its own.
   *
   * @param attempt the job's attempt, from 1
   * @param timeout for all of it, from the look-up of the name to the end of the answer
   */
  public Delivery send(WebhookInput input, int attempt, Duration timeout) {
    Delivery delivery = new Delivery(this, vertx, input, attempt, timeout);
    delivery.start();
    return delivery;
  }

  /**
   * How much of the time until an attempt's deadline a delivery may take: 500 ms less, at most a
   * tenth, so that a late success can still be reported.
   */
  public static Duration timeoutBefore(Duration untilDeadline) {
    Duration tenth = untilDeadline.dividedBy(10);
    Duration early = tenth.compareTo(MOST_ABORTED_EARLY) < 0 ? tenth : MOST_ABORTED_EARLY;
    return untilDeadline.minus(early);
  }

  /** Closes every connection; what is under way fails. */
  public Future<Void> close() {
    return client.close().eventually(resolver::close);
  }

  /** The request without its peer, which is the address that was checked. */
  RequestOptions request(WebhookInput input, int attempt) {
    WebhookUrl url = input.url();
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost(url.host())
        .setPort(url.port())
        .setSsl(url.tls())
        .setURI(url.target())
        .setHeaders(headers(input, attempt))
        .setConnectTimeout(config.connectTimeout().toMillis())
        .setFollowRedirects(false);
  }

  /** The user's own headers, then ours; {@code webhook-*} are those of Standard Webhooks. */
  private MultiMap headers(WebhookInput input, int attempt) {
    MultiMap headers = HttpHeaders.headers();
    headers.set(HttpHeaders.HOST, host(input.url()));
    input.headers().forEach(headers::add);
    if (!headers.contains(HttpHeaders.CONTENT_TYPE)) {
      headers.set(HttpHeaders.CONTENT_TYPE, "application/json");
    }
    headers.set(HttpHeaders.USER_AGENT, userAgent);
    headers.set("Idempotency-Key", input.idempotencyKey());
    headers.set("Postrider-Attempt", Integer.toString(attempt));
    return identify(headers, input);
  }

  /** The client itself would write an IPv6 address without its brackets. */
  private static String host(WebhookUrl url) {
    boolean usual = url.port() == (url.tls() ? 443 : 80);
    return usual ? url.bracketedHost() : url.bracketedHost() + ":" + url.port();
  }

  /**
   * Who it is, and when it was sent. A plain webhook has no endpoint and so no secret to sign with:
   * the signature over id, time and payload belongs here.
   */
  private MultiMap identify(MultiMap headers, WebhookInput input) {
    return headers
        .set("webhook-id", input.eventId())
        .set("webhook-timestamp", Long.toString(instants.instant().getEpochSecond()));
  }

  HostResolver resolver() {
    return resolver;
  }

  AddressGuard guard() {
    return guard;
  }

  HttpClient client() {
    return client;
  }

  int maxResponseBytes() {
    return config.maxResponseBytes();
  }

  Duration maxRetryAfter() {
    return config.maxRetryAfter();
  }

  Instant instant() {
    return instants.instant();
  }

  /** A monotonic clock, for durations only. */
  long nanos() {
    return System.nanoTime();
  }
}
