package dev.postrider.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.postrider.config.RedisConfig;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class SubscriptionTest {

  private static final RedisConfig IMPATIENT = new RedisConfig("", "", Duration.ofMillis(100), 64);

  private RedisServer redis;

  @BeforeEach
  void startRedis() {
    redis = RedisServer.startWith();
  }

  @AfterEach
  void stopRedis() {
    redis.close();
  }

  @Test
  void whatIsPublishedIsHeardInOrder(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    Heard heard = new Heard();
    Subscription subscription = open(loop, vertx, heard, "one", "two");
    loop.until(subscription::isSubscribed);
    for (int i = 0; i < 500; i++) {
      redis.call("PUBLISH", i % 2 == 0 ? "one" : "two", String.valueOf(i));
    }
    redis.call("PUBLISH", "three", "not this");
    // Long enough for pings to fall between messages, which the client then mixes up.
    loop.until(() -> heard.messages.size() == 500);
    for (int i = 0; i < 500; i++) {
      assertThat(heard.messages.get(i)).isEqualTo((i % 2 == 0 ? "one" : "two") + " " + i);
    }
    assertThat(heard.changes).containsExactly("subscribed");
  }

  @Test
  void bytesAreHeardAsTheyAre(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    Heard heard = new Heard();
    Subscription subscription = open(loop, vertx, heard, "one");
    loop.until(subscription::isSubscribed);
    redis.call("EVAL", "return redis.call('PUBLISH', 'one', '\\0\\255\\r\\n')", "0");
    loop.until(() -> heard.payloads.size() == 1);
    assertThat(heard.payloads.get(0))
        .isEqualTo(Buffer.buffer(new byte[] {0, (byte) 255, '\r', '\n'}));
  }

  @Test
  void aBrokenConnectionIsToldAndTakenUpAgain(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    Heard heard = new Heard();
    Subscription subscription = open(loop, vertx, heard, "one");
    loop.until(subscription::isSubscribed);
    redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    loop.until(() -> heard.changes.size() == 3);
    assertThat(heard.changes).containsExactly("subscribed", "lost", "subscribed");
    redis.call("PUBLISH", "one", "again");
    loop.until(() -> heard.messages.contains("one again"));
  }

  @Test
  void aRedisThatWasKilledIsHeardAgain(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    Heard heard = new Heard();
    Subscription subscription = open(loop, vertx, heard, "one");
    loop.until(subscription::isSubscribed);
    redis.signal("KILL");
    loop.until(() -> heard.changes.contains("lost"));
    redis.startAgain();
    loop.until(subscription::isSubscribed);
    redis.call("PUBLISH", "one", "again");
    loop.until(() -> heard.messages.contains("one again"));
  }

  @Test
  void aSilentLossIsNoticed(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    Heard heard = new Heard();
    Subscription subscription = open(loop, vertx, heard, "one");
    loop.until(subscription::isSubscribed);
    redis.signal("STOP");
    try {
      loop.until(() -> heard.changes.contains("lost"));
    } finally {
      redis.signal("CONT");
    }
    loop.until(subscription::isSubscribed);
  }

  @Test
  void aQuietSubscriptionStays(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    Heard heard = new Heard();
    Subscription subscription = open(loop, vertx, heard, "one");
    loop.until(subscription::isSubscribed);
    loop.until(() -> calls("ping") >= 10);
    assertThat(heard.changes).containsExactly("subscribed");
  }

  @Test
  void aClosedSubscriptionHearsNoMore(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    Heard heard = new Heard();
    Subscription subscription = open(loop, vertx, heard, "one");
    loop.until(subscription::isSubscribed);
    loop.await(subscription::close);
    loop.until(() -> Long.valueOf(0).equals(redis.call("PUBLISH", "one", "late")));
    assertThat(heard.changes).containsExactly("subscribed");
    assertThat(heard.messages).doesNotContain("one late");
    assertThatIllegalStateException().isThrownBy(subscription::close);
  }

  private long calls(String command) {
    return String.valueOf(redis.call("INFO", "commandstats"))
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ":"))
        .map(line -> Long.valueOf(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
        .findFirst()
        .orElse(0L);
  }

  private Subscription open(EventLoop loop, Vertx vertx, Heard heard, String... channels) {
    RedisConnector connector = new RedisConnector(vertx, IMPATIENT, redis.url());
    return loop.await(
        () ->
            Future.succeededFuture(Subscription.open(connector, "test", List.of(channels), heard)));
  }

  /** Written by the event loop; read by the test after a look from the loop. */
  private static final class Heard implements Subscription.Listener {

    private final List<String> changes = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private final List<Buffer> payloads = new ArrayList<>();

    @Override
    public void subscribed() {
      changes.add("subscribed");
    }

    @Override
    public void lost() {
      changes.add("lost");
    }

    @Override
    public void message(String channel, Buffer payload) {
      messages.add(channel + " " + payload);
      payloads.add(payload);
    }
  }
}
