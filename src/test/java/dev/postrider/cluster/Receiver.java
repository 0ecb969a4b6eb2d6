package dev.postrider.cluster;

import dev.postrider.receiver.ReceiverVerticle;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** A try-out receiver in this JVM; it may come up after somebody has sent to it. */
final class Receiver {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpCalls http;
  private final int port = Ports.free();

  Receiver(HttpCalls http) {
    this.http = http;
  }

  /** Where it is, as a limit names it. */
  String destination() {
    return "http://127.0.0.1:" + port;
  }

  /** Where it takes deliveries. */
  String url() {
    return destination() + "/hooks";
  }

  int port() {
    return port;
  }

  /** Lets it listen. */
  Receiver up() {
    HttpCalls.await(http.vertx().deployVerticle(new ReceiverVerticle("127.0.0.1", port)), PATIENCE);
    return this;
  }

  /** Scripts how it answers; written with ' for ". */
  void behave(String json) {
    expect200(http.call("POST", port, "/_behave", json.replace('\'', '"')));
  }

  /** Has it refuse with 429 what is more than so many requests a second. */
  void limit(int perSecond) {
    expect200(http.call("POST", port, "/_rate_limit?limit=" + perSecond, null));
  }

  /** Requests that it has refused for being too many. */
  long throttled() {
    return received().number("/throttled_count");
  }

  /** Forgets everything but its limit. */
  void reset() {
    expect200(http.call("POST", port, "/_reset", null));
  }

  /** What came in, as it tells it. */
  Reply received() {
    return http.call("GET", port, "/_received", null);
  }

  /** Requests that came in, those done for the first time, and those done before. */
  record Counts(long received, long processed, long deduped) {}

  Counts counts() {
    Reply reply = received();
    return new Counts(
        reply.number("/received_count"),
        reply.number("/processed_count"),
        reply.number("/deduped_count"));
  }

  /** The idempotency keys of what it has processed. */
  Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    received().json().at("/deliveries").forEach(d -> keys.add(d.path("idempotency_key").asText()));
    return keys;
  }

  private static void expect200(Reply reply) {
    if (reply.status() != 200) {
      throw new AssertionError("the receiver answered " + reply);
    }
  }
}
