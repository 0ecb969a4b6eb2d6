package dev.postrider.redis;

import static dev.postrider.redis.EventLoop.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postrider.config.DurabilityConfig.Require;
import dev.postrider.config.RedisConfig;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class StartupCheckTest {

  private RedisServer redis;

  @AfterEach
  void stopRedis() {
    if (redis != null) {
      redis.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "yes, always, FSYNC_ALWAYS",
    "yes, everysec, FSYNC_EVERYSEC",
    "yes, no, NONE",
    "no, always, NONE"
  })
  void theDurabilityIsReadFromTheServer(
      String appendonly, String appendfsync, Durability durability, Vertx vertx) {
    redis = RedisServer.startWith("appendonly " + appendonly, "appendfsync " + appendfsync);
    RedisStatus status = EventLoop.await(check(vertx, redis.url(), Require.ANY));
    assertThat(status.durability()).isEqualTo(durability);
    assertThat(status.version()).matches("[789]\\..*");
    assertThat(status.product()).isIn("Redis", "Valkey");
    Future<RedisStatus> insisting = check(vertx, redis.url(), Require.FSYNC);
    if (durability == Durability.FSYNC_ALWAYS) {
      assertThat(EventLoop.await(insisting)).isEqualTo(status);
    } else {
      StartupException refusal = failure(StartupException.class, insisting);
      assertThat(refusal)
          .hasMessageStartingWith("durability.require is fsync")
          .hasMessageEndingWith(durability.sentence());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"allkeys-lru", "volatile-ttl"})
  void aRedisThatEvictsIsRefused(String policy, Vertx vertx) {
    redis = RedisServer.startWith("maxmemory-policy " + policy);
    StartupException refusal =
        failure(StartupException.class, check(vertx, redis.url(), Require.ANY));
    assertThat(refusal).hasMessageContaining("maxmemory-policy " + policy);
    assertThat(refusal.hint()).contains("noeviction");
  }

  @Test
  void aReplicaIsRefused(Vertx vertx) {
    redis = RedisServer.startWith();
    redis.call("REPLICAOF", "127.0.0.1", "1");
    StartupException refusal =
        failure(StartupException.class, check(vertx, redis.url(), Require.ANY));
    assertThat(refusal).hasMessageStartingWith("no Redis to be had at unix://");
  }

  @Test
  void aNodeOfAClusterIsRefused(Vertx vertx) {
    redis = RedisServer.startWith("cluster-enabled yes");
    StartupException refusal =
        failure(StartupException.class, check(vertx, redis.url(), Require.ANY));
    assertThat(refusal).hasMessageContaining("cluster node, which is not supported yet");
  }

  @Test
  void theRightPasswordIsNeededAndNeverShown(Vertx vertx) {
    redis = RedisServer.startWith();
    redis.call("CONFIG", "SET", "requirepass", "secret");
    RedisStatus status =
        EventLoop.await(check(vertx, redis.url() + "?password=secret", Require.ANY));
    assertThat(status.durability()).isEqualTo(Durability.NONE);
    for (String url : new String[] {redis.url(), redis.url() + "?password=wrongone"}) {
      StartupException refusal = failure(StartupException.class, check(vertx, url, Require.ANY));
      assertThat(refusal).hasMessageContaining("does not let this user in");
      assertThat(refusal.getMessage()).doesNotContain("wrongone");
    }
  }

  @Test
  void aRedisThatKeepsItsSettingsToItselfIsTakenToPromiseNothing(Vertx vertx) {
    redis = RedisServer.startWith("appendonly yes", "appendfsync always");
    redis.call("ACL", "SETUSER", "guest", "on", ">pass", "~*", "&*", "+@all", "-config");
    RedisStatus status =
        EventLoop.await(check(vertx, redis.url() + "?user=guest&password=pass", Require.ANY));
    assertThat(status.durability()).isEqualTo(Durability.NONE);
  }

  @Test
  void aRedisThatIsNotThereIsWaitedForAndThenNamed(Vertx vertx) {
    String url = "redis://:secret@127.0.0.1:1";
    StartupException refusal = failure(StartupException.class, check(vertx, url, Require.ANY));
    assertThat(refusal).hasMessageStartingWith("no Redis to be had at redis://:****@127.0.0.1:1: ");
    assertThat(refusal.hint()).contains("redis.url");
  }

  @Test
  void aRedisThatComesUpInTimeIsTaken(Vertx vertx) {
    redis = RedisServer.startWith();
    redis.signal("KILL");
    RedisConnector connector = new RedisConnector(vertx, RedisConfig.DEFAULT, redis.url());
    Future<RedisStatus> status = connector.check(Require.ANY, Duration.ofSeconds(20));
    redis.startAgain();
    assertThat(EventLoop.await(status).durability()).isEqualTo(Durability.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis+sentinel://host:26379/mymaster",
        "redis-sentinel://host",
        "redis://a:1,b:2",
        "redis-cluster://host:7000"
      })
  void sentinelAndClusterAreNotSupportedYet(String url, Vertx vertx) {
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> new RedisConnector(vertx, RedisConfig.DEFAULT, url))
        .withMessageEndingWith("which is not supported yet");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:6379", "http://host", "redis://", "unix://", "redis://a b"})
  void whatIsNoAddressIsRefusedWithTheOnesThatAre(String url, Vertx vertx) {
    assertThatExceptionOfType(StartupException.class)
        .isThrownBy(() -> new RedisConnector(vertx, RedisConfig.DEFAULT, url))
        .withMessage("redis.url " + url + " is not the address of a Redis")
        .satisfies(e -> assertThat(e.hint()).contains("redis://host:port"));
  }

  @ParameterizedTest
  @CsvSource({"7.0.15, true", "8.1, true", "10.0.0, true", "6.2.14, false", "0, false"})
  void theScriptsNeedVersionSeven(String version, boolean recent) {
    assertThat(RedisBinary.isRecent(version)).isEqualTo(recent);
  }

  private static Future<RedisStatus> check(Vertx vertx, String url, Require require) {
    return new RedisConnector(vertx, RedisConfig.DEFAULT, url)
        .check(require, Duration.ofMillis(200));
  }
}
