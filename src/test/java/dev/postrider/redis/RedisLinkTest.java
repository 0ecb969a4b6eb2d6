package dev.postrider.redis;

import static dev.postrider.redis.EventLoop.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.postrider.config.RedisConfig;
import dev.postrider.redis.RedisUnavailableException.Reason;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A link to a Redis that is well. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class RedisLinkTest {

  @Test
  void aCommandIsAnswered(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis, RedisConfig.DEFAULT);
    assertThat(loop.await(() -> link.send(Request.cmd(Command.ECHO, "hello"))))
        .hasToString("hello");
    assertThat(loop.await(() -> link.send(Request.cmd(Command.GET, "nothing")))).isNull();
    assertThat(loop.get(link::inFlight)).isZero();
  }

  @Test
  void bytesGoAndComeAsTheyAre(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis, RedisConfig.DEFAULT);
    byte[] bytes = new byte[70_000];
    new Random(1).nextBytes(bytes);
    byte[] key = {0, 1, (byte) 255, '\r', '\n'};
    Script echo = new Script("echo", "return {ARGV[1], ARGV[2], ARGV[3], KEYS[1], ARGV[4]}");
    List<?> args = List.of(bytes, Buffer.buffer(bytes), Buffer.buffer(), -7L);
    Response response = loop.await(() -> link.eval(echo, List.of(key), args));
    assertThat(response.get(0).toBuffer()).isEqualTo(Buffer.buffer(bytes));
    assertThat(response.get(1).toBuffer()).isEqualTo(Buffer.buffer(bytes));
    assertThat(response.get(2).toBuffer().length()).isZero();
    assertThat(response.get(3).toBuffer()).isEqualTo(Buffer.buffer(key));
    assertThat(response.get(4)).hasToString("-7");
  }

  @Test
  void aScriptThatRedisForgotRunsAllTheSame(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis, RedisConfig.DEFAULT);
    Script count = new Script("count", "return redis.call('INCRBY', KEYS[1], ARGV[1])");
    for (int round = 1; round <= 3; round++) {
      redis.call("SCRIPT", "FLUSH");
      List<Future<Response>> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(loop.start(() -> link.eval(count, List.of("counter"), List.of(2))));
      }
      calls.forEach(EventLoop::await);
      assertThat(redis.call("GET", "counter")).isEqualTo(String.valueOf(round * 100));
      assertThat(redis.call("SCRIPT", "EXISTS", count.sha1())).isEqualTo(List.of(1L));
    }
  }

  @Test
  void anErrorOfAScriptIsTold(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis, RedisConfig.DEFAULT);
    Script script = new Script("failing", "return redis.error_reply('MYERR it is so')");
    RedisErrorException failure =
        failure(
            RedisErrorException.class, loop.start(() -> link.eval(script, List.of(), List.of())));
    assertThat(failure.code()).isEqualTo("MYERR");
    assertThat(failure).hasMessage("MYERR it is so");
    assertThat(loop.get(link::isUp)).isTrue();
  }

  @Test
  void aFullRedisIsToldApart(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis, RedisConfig.DEFAULT);
    Script set = new Script("set", "return redis.call('SET', KEYS[1], ARGV[1])");
    try (RedisServer.Setting full = redis.set("maxmemory", "1")) {
      assertThat(full).isNotNull();
      failure(
          RedisFullException.class,
          loop.start(() -> link.eval(set, List.of("key"), List.of("value"))));
      failure(
          RedisFullException.class,
          loop.start(() -> link.send(Request.cmd(Command.SET, "key", "value"))));
    }
    assertThat(redis.call("EXISTS", "key")).isEqualTo(0L);
    assertThat(loop.await(() -> link.eval(set, List.of("key"), List.of("value"))))
        .hasToString("OK");
  }

  @Test
  void oneCommandMoreThanMayBeInFlightIsRefusedAtOnce(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisConfig three = new RedisConfig("", "", Duration.ofSeconds(5), 3);
    RedisLink link = open(loop, vertx, redis, three);
    List<Future<Response>> calls = new ArrayList<>();
    boolean refusedAtOnce =
        loop.get(
            () -> {
              for (int i = 0; i < 4; i++) {
                calls.add(link.send(Request.cmd(Command.INCR, "counter")));
              }
              return calls.get(3).failed();
            });
    assertThat(refusedAtOnce).isTrue();
    calls.subList(0, 3).forEach(EventLoop::await);
    RedisUnavailableException refusal = failure(RedisUnavailableException.class, calls.get(3));
    assertThat(refusal.reason()).isEqualTo(Reason.OVERLOADED);
    assertThat(refusal.outcomeUnknown()).isFalse();
    assertThat(redis.call("GET", "counter")).isEqualTo("3");
    assertThat(loop.await(() -> link.send(Request.cmd(Command.INCR, "counter")))).hasToString("4");
  }

  @Test
  void aClosedLinkRefuses(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis, RedisConfig.DEFAULT);
    Future<Response> unanswered =
        loop.get(
            () -> {
              Future<Response> sent = link.send(Request.cmd(Command.PING));
              link.close();
              return sent;
            });
    failure(RedisUnavailableException.class, unanswered);
    RedisUnavailableException refusal =
        failure(
            RedisUnavailableException.class,
            loop.start(() -> link.send(Request.cmd(Command.PING))));
    assertThat(refusal.reason()).isEqualTo(Reason.CLOSED);
    assertThat(loop.get(link::isUp)).isFalse();
  }

  @Test
  void aLinkBelongsToOneEventLoop(RedisServer redis, Vertx vertx) {
    EventLoop loop = new EventLoop(vertx);
    RedisLink link = open(loop, vertx, redis, RedisConfig.DEFAULT);
    assertThatIllegalStateException()
        .isThrownBy(() -> link.send(Request.cmd(Command.PING)))
        .withMessageContaining("event loop");
    RedisConnector connector = new RedisConnector(vertx, RedisConfig.DEFAULT, redis.url());
    assertThatIllegalStateException().isThrownBy(() -> RedisLink.open(connector, "test"));
  }

  private static RedisLink open(
      EventLoop loop, Vertx vertx, RedisServer redis, RedisConfig config) {
    RedisConnector connector = new RedisConnector(vertx, config, redis.url());
    return loop.await(() -> RedisLink.open(connector, "test").firstUp());
  }
}
