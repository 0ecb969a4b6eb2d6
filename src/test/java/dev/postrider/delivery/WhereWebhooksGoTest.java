package dev.postrider.delivery;

import static dev.postrider.delivery.SenderFixture.LONG;
import static dev.postrider.delivery.SenderFixture.outcome;
import static dev.postrider.delivery.SenderFixture.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.config.DeliveryConfig;
import dev.postrider.delivery.DeliveryOutcome.Delivered;
import dev.postrider.delivery.DeliveryOutcome.Refused;
import dev.postrider.job.WebhookInput;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is looked up, checked and trusted before a byte of a webhook leaves. */
@ExtendWith(VertxExtension.class)
class WhereWebhooksGoTest {

  private static final String OK = RawServer.OK_HEAD + "2\r\n\r\nok";

  private Vertx vertx;
  private SenderFixture fixture;

  @BeforeEach
  void start(Vertx given) {
    vertx = given;
    fixture = new SenderFixture(vertx);
  }

  @Test
  void aPrivateAddressIsRefusedForGood() throws Exception {
    Refused refused = refused(fixture, "http://private.test/");

    assertThat(refused.failureType()).isEqualTo("address_refused");
    assertThat(refused.nonRetryable()).isTrue();
    assertThat(refused.message())
        .isEqualTo(
            "not sent to private.test: 10.1.2.3 is not a public address (private, 10.0.0.0/8)");
  }

  @Test
  void oneRefusedAddressAmongSeveralRefusesThemAll() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    SenderFixture mixed =
        fixture.nameServer(NameServer.knowing(vertx, "127.0.0.1", "127.0.0.1", "10.1.2.3"));

    assertThat(refused(mixed, "http://mixed.test:" + server.port() + "/").message())
        .isEqualTo(
            "not sent to mixed.test: 10.1.2.3 is not a public address (private, 10.0.0.0/8)");
    assertThat(server.connections).hasValue(0);
  }

  @Test
  void aNameOfAnIpv6AddressIsCheckedToo() throws Exception {
    SenderFixture linkLocal = fixture.nameServer(NameServer.knowing(vertx, "fe80::1"));

    assertThat(refused(linkLocal, "http://neighbour.test/").message())
        .contains("fe80:0:0:0:0:0:0:1 is not a public address (link-local");
  }

  @Test
  void eachAttemptTriesTheNextOfSeveralAddresses() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    WebhookSender sender =
        fixture.nameServer(NameServer.knowing(vertx, "127.0.0.1", "127.0.0.3")).sender();
    WebhookInput webhook = webhook("http://several.test:" + server.port() + "/");

    List<Boolean> delivered = new ArrayList<>();
    for (int attempt = 1; attempt <= 4; attempt++) {
      delivered.add(outcome(sender.send(webhook, attempt, LONG)) instanceof Delivered);
    }

    assertThat(delivered.get(0)).isNotEqualTo(delivered.get(1));
    assertThat(delivered.subList(2, 4)).isEqualTo(delivered.subList(0, 2));
  }

  @Test
  void aNameIsLookedUpAgainWhenItsTimeIsOver() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    int rebinding = NameServer.rebinding(vertx, "127.0.0.1", "10.1.2.3");
    WebhookSender sender = fixture.nameServer(rebinding).sender();
    WebhookInput webhook = webhook("http://rebound.test:" + server.port() + "/");

    assertThat(outcome(sender.send(webhook, 1, LONG))).isInstanceOf(Delivered.class);

    assertThat(((Refused) outcome(sender.send(webhook, 2, LONG))).failureType())
        .isEqualTo("address_refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "receiver.test"})
  void loopbackIsRefusedOnceTheApiIsOpenToTheWorld(String host) throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    SenderFixture strict = fixture.guard(AddressGuard.auto(false));

    assertThat(refused(strict, "http://" + host + ":" + server.port() + "/").failureType())
        .isEqualTo("address_refused");
    assertThat(server.connections).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.0.0.0", "[::]", "169.254.169.254", "[fd00:ec2::254]", "[2002:a01:203::]"})
  void addressesWrittenOutAreJudgedToo(String host) throws Exception {
    assertThat(refused(fixture, "http://" + host + ":9/").failureType())
        .isEqualTo("address_refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2130706433", "127.1", "0x7f.1", "017700000001"})
  void anAddressInAnotherNotationIsNoWayAround(String host) throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    SenderFixture strict =
        fixture.guard(AddressGuard.auto(false)).connectTimeout(Duration.ofSeconds(1));

    assertThat(refused(strict, "http://" + host + ":" + server.port() + "/").failureType())
        .isIn("address_refused", "dns_failed");
    assertThat(server.connections).hasValue(0);
  }

  @Test
  void aNameThatDoesNotExistIsTriedAgainLater() throws Exception {
    Refused refused =
        refused(fixture.nameServer(NameServer.knowing(vertx)), "http://nowhere.test/");

    assertThat(refused.failureType()).isEqualTo("dns_failed");
    assertThat(refused.nonRetryable()).isFalse();
    assertThat(refused.message()).contains("nowhere.test");
  }

  @Test
  void aNameThatCannotBeAskedForIsNotFound() throws Exception {
    String label = "x".repeat(70);

    assertThat(
            refused(fixture.nameServer(NameServer.knowing(vertx)), "http://" + label + ".test/")
                .failureType())
        .isEqualTo("dns_failed");
  }

  @Test
  void aSilentNameServerHoldsNoOtherUp() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    WebhookSender sender =
        fixture.nameServer(NameServer.silent(vertx)).connectTimeout(Duration.ofSeconds(2)).sender();
    List<Delivery> silent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      silent.add(sender.send(webhook("http://silent" + i + ".test/"), 1, LONG));
    }

    assertThat(outcome(sender.send(webhook(server.url()), 1, Duration.ofMillis(1_500))))
        .isInstanceOf(Delivered.class);

    for (Delivery delivery : silent) {
      assertThat(((Refused) outcome(delivery)).failureType()).isEqualTo("dns_failed");
    }
  }

  @Test
  void aPortThatNobodyListensOnIsAFailureToConnect() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }

    Refused refused = refused(fixture, "http://receiver.test:" + free + "/");

    assertThat(refused.failureType()).isEqualTo("connect_failed");
    assertThat(refused.message()).startsWith("cannot connect to http://receiver.test:" + free);
  }

  @Test
  void aTrustedCertificateForTheNameIsTakenAtThePinnedAddress(@TempDir Path dir) throws Exception {
    PfxOptions own = certificate(dir, "dns:receiver.test");
    RawServer server = tls(own);

    WebhookSender sender = fixture.trusting(own).sender();

    assertThat(outcome(sender.send(webhook(secure(server)), 1, LONG)))
        .isInstanceOf(Delivered.class);
    assertThat(server.requests.get(0)).containsIgnoringCase("host: receiver.test:");
  }

  @Test
  void aCertificateForAnAddressIsTakenThere(@TempDir Path dir) throws Exception {
    PfxOptions own = certificate(dir, "ip:127.0.0.1");
    RawServer server = tls(own);

    WebhookSender sender = fixture.trusting(own).sender();

    assertThat(outcome(sender.send(webhook("https://127.0.0.1:" + server.port() + "/"), 1, LONG)))
        .isInstanceOf(Delivered.class);
  }

  @Test
  void theSystemsNamesAreFoundToo() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> socket.write(OK));
    WebhookSender sender =
        new WebhookSender(
            vertx, DeliveryConfig.DEFAULT, AddressGuard.auto(true), "1", () -> SenderFixture.NOW);

    assertThat(outcome(sender.send(webhook("http://localhost:" + server.port() + "/"), 1, LONG)))
        .isInstanceOf(Delivered.class);
    sender.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void aCertificateOfAnotherNameIsRefused(@TempDir Path dir) throws Exception {
    PfxOptions own = certificate(dir, "dns:other.test");
    RawServer server = tls(own);

    Refused refused = refused(fixture.trusting(own), secure(server));

    assertThat(refused.failureType()).isEqualTo("tls_failed");
    assertThat(refused.nonRetryable()).isFalse();
    assertThat(server.requests).isEmpty();
  }

  @Test
  void aCertificateThatNobodyVouchesForIsRefused(@TempDir Path dir) throws Exception {
    RawServer server = tls(certificate(dir, "dns:receiver.test"));

    assertThat(refused(fixture, secure(server)).failureType()).isEqualTo("tls_failed");
    assertThat(server.requests).isEmpty();
  }

  @Test
  void aServerWithoutTlsIsATlsFailure() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering =
          new Thread(
              () -> {
                try (var socket = plain.accept()) {
                  socket
                      .getOutputStream()
                      .write("HTTP/1.1 400 No\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                  socket.getInputStream().read();
                } catch (IOException e) {
                  // The client is gone, as it should be.
                }
              });
      answering.start();

      assertThat(
              refused(fixture, "https://receiver.test:" + plain.getLocalPort() + "/").failureType())
          .isEqualTo("tls_failed");
      answering.join(10_000);
    }
  }

  @Test
  void aTlsHandshakeThatHangsIsLeftAtTheConnectTimeout() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> {});

    Refused refused = refused(fixture.connectTimeout(Duration.ofMillis(300)), secure(server));

    assertThat(refused.failureType()).isIn("connect_timeout", "tls_failed");
  }

  @Test
  void aDeadlineBeforeTheConnectTimeoutNamesThePhaseItCut() throws Exception {
    RawServer server = RawServer.start(vertx, (socket, n) -> {});
    DeliveryOutcome outcome =
        outcome(
            fixture
                .connectTimeout(Duration.ofSeconds(1))
                .sender()
                .send(webhook(secure(server)), 1, Duration.ofMillis(300)));

    assertThat(((Refused) outcome).failureType()).isEqualTo("connect_timeout");
    assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static Refused refused(SenderFixture fixture, String url) throws Exception {
    WebhookSender sender = fixture.sender();
    try {
      DeliveryOutcome outcome = outcome(sender.send(webhook(url), 1, LONG));
      assertThat(outcome).isInstanceOf(Refused.class);
      return (Refused) outcome;
    } finally {
      sender.close().await(10, TimeUnit.SECONDS);
    }
  }

  private RawServer tls(PfxOptions certificate) throws Exception {
    NetServerOptions options = new NetServerOptions().setSsl(true).setKeyCertOptions(certificate);
    return RawServer.start(vertx, options, (socket, n) -> socket.write(OK));
  }

  private static String secure(RawServer server) {
    return "https://receiver.test:" + server.port() + "/";
  }

  private static PfxOptions certificate(Path dir, String san) throws Exception {
    Path file = dir.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "san=" + san,
                "-storetype",
                "PKCS12",
                "-storepass",
                "password",
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
    return new PfxOptions().setPath(file.toString()).setPassword("password");
  }
}
