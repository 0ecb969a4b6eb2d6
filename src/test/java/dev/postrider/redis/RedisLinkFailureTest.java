package dev.postrider.redis;

import static dev.postrider.redis.EventLoop.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.postrider.config.RedisConfig;
import dev.postrider.redis.RedisUnavailableException.Reason;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.junit5.VertxExtension;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A link to a Redis that hangs, breaks off or turns writes away. */
@ExtendWith(VertxExtension.class)
class RedisLinkFailureTest {

  private static final RedisConfig IMPATIENT = new RedisConfig("", "", Duration.ofMillis(300), 64);

  private RedisServer redis;

  @BeforeEach
  void startRedis() {
    redis = RedisServer.startWith("busy-reply-threshold 20");
  }

  @AfterEach
  void stopRedis() {
    redis.close();
  }

  @Test
  void aHungRedisIsGivenUpAndTakenUpAgain(Vertx vertx) throws Exception {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis.url());
    AtomicInteger ups = new AtomicInteger();
    loop.get(() -> link.onUp(ups::incrementAndGet));
    List<Future<Response>> hanging = new ArrayList<>();
    redis.signal("STOP");
    try {
      for (int i = 0; i < 5; i++) {
        hanging.add(loop.start(() -> link.send(increment())));
      }
      for (Future<Response> call : hanging) {
        RedisUnavailableException failure = failure(RedisUnavailableException.class, call);
        assertThat(failure.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(failure.outcomeUnknown()).isTrue();
      }
      RedisUnavailableException refusal =
          failure(RedisUnavailableException.class, loop.start(() -> link.send(increment())));
      assertThat(refusal.reason()).isEqualTo(Reason.NOT_CONNECTED);
      assertThat(refusal.outcomeUnknown()).isFalse();
    } finally {
      redis.signal("CONT");
    }
    loop.until(link::isUp);
    assertThat(ups).hasValue(1);
    // The five were in the socket already: that is what an unknown outcome means.
    assertThat(loop.await(() -> link.send(increment()))).hasToString("6");
  }

  @Test
  void aSlowAnswerWithinTheTimeoutIsWaitedFor(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis.url());
    Request blocking = Request.cmd(Command.BLPOP, "nothing", "0.2");
    assertThat(loop.await(() -> link.send(blocking))).isNull();
    assertThat(loop.get(link::isUp)).isTrue();
  }

  @Test
  void aKilledRedisIsToldAndItsSuccessorFound(Vertx vertx) throws Exception {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis.url());
    Future<Response> hanging =
        loop.start(() -> link.send(Request.cmd(Command.BLPOP, "nothing", "0")));
    loop.until(() -> link.inFlight() == 1);
    redis.signal("KILL");
    RedisUnavailableException failure = failure(RedisUnavailableException.class, hanging);
    assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_LOST);
    assertThat(failure.outcomeUnknown()).isTrue();
    loop.until(() -> !link.isUp());
    RedisUnavailableException refusal =
        failure(RedisUnavailableException.class, loop.start(() -> link.send(increment())));
    assertThat(refusal.reason()).isEqualTo(Reason.NOT_CONNECTED);

    redis.startAgain();
    loop.until(link::isUp);
    assertThat(loop.await(() -> link.send(increment()))).hasToString("1");
  }

  @Test
  void aResetConnectionIsReplaced(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    AtomicBoolean resetting = new AtomicBoolean();
    NetServer proxy = EventLoop.await(resettingProxy(vertx, resetting));
    RedisLink link = open(loop, vertx, "redis://127.0.0.1:" + proxy.actualPort());
    for (int round = 1; round <= 10; round++) {
      resetting.set(true);
      RedisUnavailableException failure =
          failure(RedisUnavailableException.class, loop.start(() -> link.send(increment())));
      assertThat(failure.reason()).isEqualTo(Reason.CONNECTION_LOST);
      resetting.set(false);
      loop.until(link::isUp);
      assertThat(loop.await(() -> link.send(increment()))).hasToString(String.valueOf(round));
    }
  }

  @Test
  void aReplicaIsLeftUntilItTakesWrites(Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis.url());
    redis.call("REPLICAOF", "127.0.0.1", "1");
    RedisUnavailableException failure =
        failure(RedisUnavailableException.class, loop.start(() -> link.send(increment())));
    assertThat(failure.reason()).isIn(Reason.READ_ONLY, Reason.PRIMARY_DOWN);
    assertThat(failure.outcomeUnknown()).isFalse();
    redis.call("REPLICAOF", "NO", "ONE");
    loop.until(link::isUp);
    assertThat(loop.await(() -> link.send(increment()))).hasToString("1");
  }

  @Test
  void aRedisHeldUpByAScriptSaysSo(Vertx vertx) throws Exception {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis.url());
    AtomicReference<Throwable> killed = new AtomicReference<>();
    Thread endless =
        new Thread(
            () -> killed.set(catchThrowable(() -> redis.call("EVAL", "while true do end", "0"))));
    endless.start();
    // one that was sent before Redis knew itself to be busy may time out
    Set<Reason> reasons = ConcurrentHashMap.newKeySet();
    loop.until(
        () -> {
          link.send(Request.cmd(Command.GET, "counter"))
              .onFailure(e -> reasons.add(((RedisUnavailableException) e).reason()));
          return reasons.contains(Reason.BUSY);
        });
    redis.call("SCRIPT", "KILL");
    endless.join();
    assertThat(killed.get()).isInstanceOf(RedisErrorException.class);
    loop.until(link::isUp);
    assertThat(loop.await(() -> link.send(increment()))).hasToString("1");
  }

  private static RedisLink open(EventLoop loop, Vertx vertx, String url) {
    RedisConnector connector = new RedisConnector(vertx, IMPATIENT, url);
    return loop.await(() -> RedisLink.open(connector, "test").firstUp());
  }

  private static Request increment() {
    return Request.cmd(Command.INCR, "counter");
  }

  /** Passes bytes on, and answers them with a reset while it is told to. */
  private Future<NetServer> resettingProxy(Vertx vertx, AtomicBoolean resetting) {
    String path = ((UnixDomainSocketAddress) redis.address()).getPath().toString();
    return vertx
        .createNetServer(new NetServerOptions().setHost("127.0.0.1").setPort(0).setSoLinger(0))
        .connectHandler(
            near -> {
              near.pause();
              vertx
                  .createNetClient()
                  .connect(SocketAddress.domainSocketAddress(path))
                  .onSuccess(far -> join(near, far, resetting));
            })
        .listen();
  }

  private static void join(NetSocket near, NetSocket far, AtomicBoolean resetting) {
    far.handler(near::write);
    near.handler(
        bytes -> {
          if (resetting.get()) {
            far.close();
            near.close();
          } else {
            far.write(bytes);
          }
        });
    near.resume();
  }
}
