package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RetryPolicy;
import dev.postrider.job.RunId;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Includes on their own, by the small scripts of {@code lua/test}. */
@ExtendWith(RedisExtension.class)
class IncludesTest {

  private static List<?> turns(RedisServer redis, int want, String bound, Object... heads) {
    List<Object> call =
        new ArrayList<>(List.of("EVAL", LuaSource.text("test/turns"), 0, want, bound));
    call.addAll(List.of(heads));
    try (RawRedis raw = new RawRedis(redis.address())) {
      return raw.list(call.toArray());
    }
  }

  @Test
  void turns_goToTheLowestPassAndThenByStride(RedisServer redis) {
    assertThat(turns(redis, 6, "", "a", 0, 1000, "", "b", 0, 2000, ""))
        .hasToString("[4, 4000, 2, 4000, 3000]");
  }

  @Test
  void equalStrides_takeTurnsInTheirOrder(RedisServer redis) {
    assertThat(turns(redis, 2, "", "a", 5, 1000, "", "b", 5, 1000, "", "c", 5, 1000, ""))
        .hasToString("[1, 1005, 1, 1005, -, -, 5]");
  }

  @Test
  void aHeadFarBehind_catchesUpFirst(RedisServer redis) {
    assertThat(turns(redis, 3, "", "late", 0, 1000, "", "b", 2500, 1000, ""))
        .hasToString("[3, 3000, -, -, 2000]");
  }

  @Test
  void theFirstHeadOutOfReach_endsThem(RedisServer redis) {
    assertThat(turns(redis, 9, "1500", "a", 0, 1000, "")).hasToString("[2, 2000, 1000]");
  }

  @Test
  void aHeadWithoutRoom_isPassedOver(RedisServer redis) {
    assertThat(turns(redis, 3, "", "full", 0, 1000, 0, "some", 0, 1000, 1, "b", 0, 1000, ""))
        .hasToString("[0, 0, 1, 1000, 2, 2000, 1000]");
  }

  @Test
  void nobody_takesNone(RedisServer redis) {
    assertThat(turns(redis, 3, "")).hasToString("[-]");
  }

  private static List<Long> intervals(
      RedisServer redis, RetryPolicy policy, int failures, String random) {
    Buffer blob = NewRecord.of(Starts.job("a").retry(policy).build(), new RunId(1), 2).blob();
    Buffer record = Buffer.buffer(new byte[102]).appendBuffer(blob, 25, blob.length() - 25);
    try (RawRedis raw = new RawRedis(redis.address())) {
      List<?> intervals =
          raw.list(
              "EVAL",
              LuaSource.text("test/interval"),
              1,
              "{0}m",
              ScriptTest.T0,
              random,
              Packed.ms(Buffer.buffer().appendInt(1), 1),
              record,
              failures);
      return intervals.stream().map(interval -> Long.valueOf(interval.toString())).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1000",
    "2, 2000",
    "3, 4000",
    "7, 64000",
    "8, 100000",
    "9, 100000",
    "2000, 100000",
    "2147483647, 100000"
  })
  void anInterval_doublesUpToItsMaximum(int failures, long interval, RedisServer redis) {
    assertThat(intervals(redis, RetryPolicy.DEFAULT, failures, "random--")).containsOnly(interval);
  }

  @Test
  void aLongInterval_isExact(RedisServer redis) {
    Duration longest = Duration.ofDays(36500);
    RetryPolicy policy = new RetryPolicy(longest, 1, longest, 0, List.of(), 0);
    assertThat(intervals(redis, policy, 5, "random--")).containsOnly(longest.toMillis());
  }

  @Test
  void aCoefficientInThousandths_isRoundedToMilliseconds(RedisServer redis) {
    RetryPolicy policy =
        new RetryPolicy(Duration.ofMillis(1001), 1.001, Duration.ofDays(1), 0, List.of(), 0);
    assertThat(intervals(redis, policy, 2, "random--")).containsOnly(1002L);
  }

  @Test
  void jitter_spreadsTheIntervalsWithinItsBounds(RedisServer redis) {
    RetryPolicy policy =
        new RetryPolicy(Duration.ofSeconds(10), 1, Duration.ofDays(1), 0, List.of(), 0.2);
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.addAll(intervals(redis, policy, 1, String.format("%08d", i * 7919)));
    }
    assertThat(all).allMatch(interval -> interval >= 8000 && interval <= 12_000);
    assertThat(all).anyMatch(interval -> interval < 8400).anyMatch(interval -> interval > 11_600);
    assertThat(all.stream().mapToLong(Long::longValue).average().orElseThrow())
        .isBetween(9700.0, 10_300.0);
  }
}
