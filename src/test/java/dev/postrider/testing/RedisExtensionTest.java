package dev.postrider.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.redis.RedisErrorException;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RedisExtension.class)
class RedisExtensionTest {

  @RepeatedTest(2)
  void eachTestBeginsWithAnEmptyDatabase(RedisServer redis) {
    assertThat(redis.call("DBSIZE")).isEqualTo(0L);
    redis.call("SET", "key", "välue");
    assertThat(redis.call("GET", "key")).isEqualTo("välue");
  }

  @Test
  void itRunsScripts(RedisServer redis) {
    assertThat(redis.call("EVAL", "return {1, 'two', false}", "0"))
        .asString()
        .isEqualTo("[1, two, null]");
    assertThatThrownBy(() -> redis.call("EVAL", "return nope", "0"))
        .isInstanceOf(RedisErrorException.class);
  }

  @Test
  void aSettingIsChangedBack(RedisServer redis) {
    Object before = redis.call("CONFIG", "GET", "maxmemory");
    try (RedisServer.Setting full = redis.set("maxmemory", "1")) {
      assertThat(full).isNotNull();
      assertThatThrownBy(() -> redis.call("SET", "key", "value")).hasMessageStartingWith("OOM");
    }
    assertThat(redis.call("CONFIG", "GET", "maxmemory")).isEqualTo(before);
  }

  @Test
  void anAnswerLargerThanOneReadComesWhole(RedisServer redis) {
    String large = "x".repeat(3_000_000);
    redis.call("SET", "key", large);
    assertThat(redis.call("GET", "key")).isEqualTo(large);
  }
}
