package dev.postrider.delivery;

import static dev.postrider.delivery.SenderFixture.LONG;
import static dev.postrider.delivery.SenderFixture.RESPONSE_BYTES;
import static dev.postrider.delivery.SenderFixture.outcome;
import static dev.postrider.delivery.SenderFixture.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.delivery.DeliveryOutcome.Aborted;
import dev.postrider.delivery.DeliveryOutcome.Delivered;
import dev.postrider.delivery.DeliveryOutcome.Refused;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.junit5.VertxExtension;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries to what answers late, wrongly, endlessly or not at all. */
@ExtendWith(VertxExtension.class)
class HostileReceiverTest {

  private static final Duration SHORT = Duration.ofMillis(400);
  private static final String OK = RawServer.OK_HEAD + "2\r\n\r\nok";

  private Vertx vertx;
  private WebhookSender sender;

  @BeforeEach
  void start(Vertx given) {
    vertx = given;
    sender = new SenderFixture(vertx).sender();
  }

  @AfterEach
  void close() throws Exception {
    sender.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void aReceiverThatNeverAnswersIsLeftAtTheDeadline() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> {});
    long begun = System.nanoTime();

    Refused refused = refused(server, SHORT);

    assertThat(refused.failureType()).isEqualTo("request_timeout");
    assertThat(refused.nonRetryable()).isFalse();
    assertThat(refused.message()).isEqualTo("no answer within 400ms");
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isBetween(SHORT.minusMillis(5), SHORT.plusSeconds(5));
    assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aHeadThatTricklesIsLeftAtTheDeadline() throws Exception {
    RawServer server =
        RawServer.start(vertx, (socket, n) -> trickle(socket, "HTTP/1.1 200 OK\r\nX-Slow: ", "x"));

    assertThat(refused(server, SHORT).failureType()).isEqualTo("request_timeout");
    assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aBodyThatTricklesIsCutAtTheDeadlineAndTheStatusDecides() throws Exception {
    RawServer server =
        RawServer.start(
            vertx, (socket, n) -> trickle(socket, RawServer.OK_HEAD + "1000\r\n\r\n", "x"));

    DeliveryOutcome outcome = outcome(sender.send(webhook(server.url()), 1, SHORT));

    assertThat(outcome).isInstanceOf(Delivered.class);
    assertThat(((Delivered) outcome).response().body().toString()).matches("x+");
    assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anEndlessBodyIsCutSoonAfterItsKeptPart() throws Exception {
    RawServer server =
        RawServer.start(
            vertx,
            (socket, n) -> {
              socket.write("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n");
              pump(socket, "1000\r\n" + "x".repeat(4096) + "\r\n");
            });

    Refused refused = refused(server, LONG);

    assertThat(refused.failureType()).isEqualTo("http.500");
    assertThat(Objects.requireNonNull(refused.response()).body())
        .hasToString("x".repeat(RESPONSE_BYTES));
    assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aConnectionClosedBeforeTheAnswerIsNotTriedAgainBehindOurBack() throws Exception {
    RawServer server =
        RawServer.start(
            vertx,
            (socket, n) -> {
              if (n == 1) {
                socket.write(OK);
              } else {
                socket.close();
              }
            });
    outcome(sender.send(webhook(server.url()), 1, LONG));

    Refused refused = refused(server, LONG);

    assertThat(refused.failureType()).isEqualTo("connection_closed");
    assertThat(refused.nonRetryable()).isFalse();
    assertThat(server.requests).hasSize(2);
    assertThat(server.connections).hasValue(1);
  }

  @Test
  void aConnectionClosedWithinTheHeadIsNoAnswer() throws Exception {
    RawServer server =
        RawServer.start(vertx, (socket, n) -> socket.end(Buffer.buffer("HTTP/1.1 20")));

    assertThat(refused(server, LONG).failureType()).isEqualTo("connection_closed");
  }

  @Test
  void aConnectionClosedWithinTheBodyIsAnAnswer() throws Exception {
    RawServer server =
        RawServer.start(
            vertx, (socket, n) -> socket.end(Buffer.buffer(RawServer.OK_HEAD + "100\r\n\r\nhalf")));

    DeliveryOutcome outcome = outcome(sender.send(webhook(server.url()), 1, LONG));

    assertThat(outcome).isInstanceOf(Delivered.class);
    assertThat(((Delivered) outcome).response().body()).hasToString("half");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"
      })
  void whatIsNotHttpIsNoAnswer(String answer) throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(answer));

    assertThat(refused(server, Duration.ofSeconds(3)).failureType()).isEqualTo("connection_closed");
  }

  @Test
  void aHeadLargerThanTheBoundIsNoAnswer() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nX-Big: " + "x".repeat(17 << 10) + "\r\n";
    RawServer server =
        RawServer.start(vertx, (socket, n) -> socket.write(head + "Content-Length: 0\r\n\r\n"));

    assertThat(refused(server, Duration.ofSeconds(3)).failureType()).isEqualTo("connection_closed");
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    RawServer target = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    RawServer server =
        RawServer.start(
            vertx,
            (socket, n) ->
                socket.write(
                    "HTTP/1.1 307 T\r\nLocation: "
                        + target.url()
                        + "\r\nContent-Length: 0\r\n\r\n"));

    Refused refused = refused(server, LONG);

    assertThat(refused.failureType()).isEqualTo("http.307");
    assertThat(refused.message())
        .isEqualTo("the receiver answered 307 to " + target.url() + ", which is not followed");
    assertThat(target.connections).hasValue(0);
  }

  @Test
  void aReceiverThatWantsNoMoreOfItEndsTheJob() throws Exception {
    RawServer server =
        RawServer.start(
            vertx,
            (socket, n) ->
                socket.write(
                    "HTTP/1.1 400 No\r\nwebhook-delivery: Abort-Message\r\nContent-Length: 0\r\n\r\n"));

    assertThat(refused(server, LONG).nonRetryable()).isTrue();
  }

  @Test
  void interimAnswersAreNotTheAnswer() throws Exception {
    String interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(interim + OK));

    assertThat(outcome(sender.send(webhook(server.url()), 1, LONG))).isInstanceOf(Delivered.class);
  }

  @Test
  void aReceiverThatDoesNotReadIsLeftAtTheDeadline() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String url = "http://receiver.test:" + deaf.getLocalPort() + "/";
      String payload = "\"" + "x".repeat(8 << 20) + "\"";

      DeliveryOutcome outcome = outcome(sender.send(webhook(url, payload, Map.of()), 1, SHORT));

      assertThat(((Refused) outcome).failureType()).isEqualTo("request_timeout");
    }
  }

  @Test
  void anAbortedDeliveryLetsGoOfItsConnection() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> {});
    Delivery delivery = sender.send(webhook(server.url()), 1, LONG);
    assertThat(server.requested.await(10, TimeUnit.SECONDS)).isTrue();

    delivery.abort();

    assertThat(outcome(delivery)).isEqualTo(new Aborted());
    assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
    delivery.abort();
  }

  @Test
  void aDeliveryAbortedAtOnceSendsNothing() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    Promise<DeliveryOutcome> aborted = Promise.promise();
    // in one turn of the loop, or the request might be out before the abort
    vertx.runOnContext(
        turn -> {
          Delivery delivery = sender.send(webhook(server.url()), 1, LONG);
          delivery.abort();
          delivery.outcome().onComplete(aborted);
        });

    assertThat(aborted.future().await(10, TimeUnit.SECONDS)).isEqualTo(new Aborted());
    assertThat(outcome(sender.send(webhook(server.url()), 1, LONG))).isInstanceOf(Delivered.class);
    assertThat(server.requests).hasSize(1);
  }

  @Test
  void oneConnectionServesManyDeliveries() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));

    for (int i = 0; i < 5; i++) {
      assertThat(outcome(sender.send(webhook(server.url()), 1, LONG)))
          .isInstanceOf(Delivered.class);
    }

    assertThat(server.connections).hasValue(1);
  }

  @Test
  void oneHangingReceiverHoldsNoOtherUp() throws Exception {
    RawServer hanging = RawServer.start(vertx, (socket, n) -> {});
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    List<Delivery> held = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      held.add(sender.send(webhook(hanging.url()), 1, LONG));
    }
    assertThat(hanging.requested.await(10, TimeUnit.SECONDS)).isTrue();

    assertThat(outcome(sender.send(webhook(server.url()), 1, Duration.ofSeconds(5))))
        .isInstanceOf(Delivered.class);

    held.forEach(Delivery::abort);
    for (Delivery delivery : held) {
      assertThat(outcome(delivery)).isEqualTo(new Aborted());
    }
  }

  private Refused refused(RawServer server, Duration timeout) throws Exception {
    DeliveryOutcome outcome = outcome(sender.send(webhook(server.url()), 1, timeout));
    assertThat(outcome).isInstanceOf(Refused.class);
    return (Refused) outcome;
  }

  private void trickle(NetSocket socket, String first, String more) {
    socket.write(first);
    vertx.setPeriodic(
        20, timer -> socket.write(more).onFailure(closed -> vertx.cancelTimer(timer)));
  }

  /** Writes until the other end has had enough. */
  private static void pump(NetSocket socket, String chunk) {
    if (socket.writeQueueFull()) {
      socket.drainHandler(drained -> pump(socket, chunk));
    } else {
      socket.write(chunk).onSuccess(written -> pump(socket, chunk));
    }
  }
}
