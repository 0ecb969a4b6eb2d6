package dev.postrider.delivery;

import dev.postrider.delivery.DeliveryOutcome.Aborted;
import dev.postrider.delivery.DeliveryOutcome.Refused;
import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Durations;
import dev.postrider.job.WebhookInput;
import dev.postrider.job.WebhookUrl;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to deliver one webhook: resolve and check, connect, send, read, decide.
 *
 * <p>A timer of its own ends it, whatever phase it is in: no time-out of the client's covers a
 * receiver that trickles. It lives on one context.
 */
public final class Delivery {

  /** What of an answer beyond its kept part is still read, so that its connection can stay. */
  private static final int DRAINED_BYTES = 64 << 10;

  private enum Phase {
    RESOLVING,
    CONNECTING,
    WAITING,
    READING,
    ENDED
  }

  private final WebhookSender sender;
  private final Vertx vertx;
  private final Context context;
  private final WebhookInput input;
  private final int attempt;
  private final Duration timeout;
  private final Promise<DeliveryOutcome> outcome = Promise.promise();
  private final Buffer body = Buffer.buffer();

  private Phase phase = Phase.RESOLVING;
  private long timer;
  private long sentNanos;
  private long bytesRead;
  private @Nullable HttpClientRequest request;
  private @Nullable HttpClientResponse response;

  Delivery(WebhookSender sender, Vertx vertx, WebhookInput input, int attempt, Duration timeout) {
    this.sender = sender;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.input = input;
    this.attempt = attempt;
    this.timeout = timeout;
  }

  /** What becomes of it; never fails. */
  public Future<DeliveryOutcome> outcome() {
    return outcome.future();
  }

  /** Gives it up, unless it has ended. May be called from any thread. */
  public void abort() {
    context.runOnContext(onContext -> end(new Aborted(), false));
  }

  void start() {
    context.runOnContext(
        onContext -> {
          timer = vertx.setTimer(Math.max(1, timeout.toMillis()), fired -> timedOut());
          sender.resolver().resolve(input.url().host()).onComplete(this::resolved);
        });
  }

  private void resolved(AsyncResult<List<InetAddress>> found) {
    if (phase == Phase.ENDED) {
      return;
    }
    if (found.failed()) {
      String reason = TransportFailure.message(found.cause());
      fail(FailureType.DNS_FAILED, "no address of " + input.url().host() + ": " + reason);
      return;
    }
    List<InetAddress> addresses = found.result();
    for (InetAddress address : addresses) {
      Optional<String> refusal = sender.guard().refusal(address);
      if (refusal.isPresent()) {
        String message = "not sent to " + input.url().bracketedHost() + ": " + refusal.get();
        end(new Refused(FailureType.ADDRESS_REFUSED, message, true, null, null), false);
        return;
      }
    }
    // The next attempt tries the next address: one that is dead does not doom them all.
    connect(addresses.get(Math.floorMod(attempt - 1, addresses.size())));
  }

  private void connect(InetAddress address) {
    phase = Phase.CONNECTING;
    WebhookUrl url = input.url();
    RequestOptions options = sender.request(input, attempt);
    options.setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, url.port())));
    sender.client().request(options).onComplete(this::connected);
  }

  private void connected(AsyncResult<HttpClientRequest> connected) {
    if (phase == Phase.ENDED) {
      if (connected.succeeded()) {
        connected.result().reset();
      }
      return;
    }
    if (connected.failed()) {
      Throwable cause = connected.cause();
      fail(
          TransportFailure.whileConnecting(cause, input.url().tls()),
          "cannot connect to "
              + input.url().destination()
              + ": "
              + TransportFailure.message(cause));
      return;
    }
    phase = Phase.WAITING;
    sentNanos = sender.nanos();
    HttpClientRequest post = connected.result();
    request = post;
    // The future below tells of failures; without handlers each would be logged as an error too.
    post.exceptionHandler(failure -> {});
    post.connection().exceptionHandler(failure -> {});
    post.send(input.payload()).onComplete(this::answered);
  }

  private void answered(AsyncResult<HttpClientResponse> answered) {
    if (phase == Phase.ENDED) {
      return;
    }
    if (answered.failed()) {
      Throwable cause = answered.cause();
      fail(TransportFailure.onConnection(cause), "no answer: " + TransportFailure.message(cause));
      return;
    }
    phase = Phase.READING;
    HttpClientResponse head = answered.result();
    response = head;
    head.exceptionHandler(failure -> judge(head, false));
    head.endHandler(end -> judge(head, true));
    head.handler(chunk -> read(head, chunk));
  }

  private void read(HttpClientResponse head, Buffer chunk) {
    int room = Math.max(0, sender.maxResponseBytes() - body.length());
    body.appendBuffer(chunk, 0, Math.min(room, chunk.length()));
    bytesRead += chunk.length();
    if (bytesRead > sender.maxResponseBytes() + (long) DRAINED_BYTES) {
      judge(head, false);
    }
  }

  /** By status and headers, with what was read of the body. */
  private void judge(HttpClientResponse head, boolean whole) {
    if (phase != Phase.READING) {
      return;
    }
    long millis = (sender.nanos() - sentNanos) / 1_000_000;
    int durationMs = (int) Math.min(Integer.MAX_VALUE, millis);
    DeliveryResponse answer = new DeliveryResponse(head.statusCode(), durationMs, body);
    end(Answer.judge(answer, head.headers(), sender.maxRetryAfter(), sender.instant()), whole);
  }

  private void timedOut() {
    String after = " within " + Durations.formatMillis(timeout.toMillis());
    switch (phase) {
      case RESOLVING -> fail(FailureType.DNS_FAILED, "no address" + after);
      case CONNECTING -> fail(FailureType.CONNECT_TIMEOUT, "not connected" + after);
      case WAITING -> fail(FailureType.REQUEST_TIMEOUT, "no answer" + after);
      case READING -> judge(Objects.requireNonNull(response), false);
      case ENDED -> {}
    }
  }

  private void fail(String type, String message) {
    end(new Refused(type, message, false, null, null), false);
  }

  /**
   * The first end counts.
   *
   * @param reusable whether the answer was read whole, so that its connection is good for the next
   */
  private void end(DeliveryOutcome result, boolean reusable) {
    if (phase == Phase.ENDED) {
      return;
    }
    phase = Phase.ENDED;
    vertx.cancelTimer(timer);
    if (request != null && !reusable) {
      request.reset();
    }
    outcome.complete(result);
  }
}
