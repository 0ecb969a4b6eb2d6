package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.buffer.Buffer;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code lib/limit.lua}: what it gives in any window, and that it holds nothing up for nothing. */
@ExtendWith(RedisExtension.class)
class LimitTest {
  private static final int CALLS = 150;
  private static final BigInteger TOKEN = BigInteger.valueOf(1_000_000_000);

  private record Call(long at, long asked, long given, long waitMs) {}

  private static List<Call> calls(RedisServer redis, long rate, long seed) {
    Random random = new Random(seed);
    // around the pace at which tokens come, now and then a burst or a long rest
    double pace = 1_000_000_000.0 / rate;
    List<Object> call =
        new ArrayList<>(
            List.of(
                "EVAL",
                LuaSource.text("test/limit"),
                1,
                "{0}m",
                ScriptTest.T0,
                "random--",
                Packed.ms(Buffer.buffer().appendInt(1), 1),
                Long.toString(rate)));
    List<long[]> arrivals = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      long pause =
          switch (random.nextInt(8)) {
            case 0, 1 -> 0;
            case 2 -> (long) (pace * 20 * random.nextDouble());
            default -> (long) (pace * 2 * random.nextDouble());
          };
      long asked = random.nextInt(6) == 0 ? 1_000 : 1 + random.nextInt(3);
      arrivals.add(new long[] {pause, asked});
      call.add(pause);
      call.add(asked);
    }
    List<Call> calls = new ArrayList<>();
    try (RawRedis raw = new RawRedis(redis.address())) {
      List<?> answers = raw.list(call.toArray());
      long at = 0;
      for (int i = 0; i < CALLS; i++) {
        at += arrivals.get(i)[0];
        calls.add(
            new Call(
                at,
                arrivals.get(i)[1],
                Long.parseLong(answers.get(2 * i).toString()),
                Long.parseLong(answers.get(2 * i + 1).toString())));
      }
    }
    return calls;
  }

  /** What may be given within {@code ms}, in billionths of a token: a burst and what is earned. */
  private static BigInteger allowed(long rate, long ms) {
    BigInteger perMs = BigInteger.valueOf(rate);
    BigInteger burst = TOKEN.max(perMs.multiply(BigInteger.valueOf(1000)));
    return burst.add(perMs.multiply(BigInteger.valueOf(ms)));
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        1,
        33_333,
        100_000,
        999_999,
        1_000_000,
        2_500_000,
        7_777_777,
        100_000_000,
        999_999_999_999L
      })
  void inEveryWindow_noMoreThanBurstAndRateIsGiven_andWhatIsAllowedIs(
      long rate, RedisServer redis) {
    for (long seed = 0; seed < 10; seed++) {
      List<Call> calls = calls(redis, rate, seed);
      for (int from = 0; from < calls.size(); from++) {
        long given = 0;
        for (int to = from; to < calls.size(); to++) {
          given += calls.get(to).given();
          long window = calls.get(to).at() - calls.get(from).at();
          assertThat(TOKEN.multiply(BigInteger.valueOf(given)))
              .as("given in %d ms from call %d, seed %d", window, from, seed)
              .isLessThanOrEqualTo(allowed(rate, window));
        }
      }
      for (int i = 0; i < calls.size(); i++) {
        Call call = calls.get(i);
        assertThat(call.given()).isBetween(0L, call.asked());
        if (call.given() < call.asked()) {
          assertThat(call.waitMs()).as("wait of call %d", i).isPositive();
          assertThat(fullWindowEndsAt(calls, i, call.waitMs() - 1, rate)).isTrue();
          assertThat(fullWindowEndsAt(calls, i, call.waitMs(), rate)).isFalse();
        }
      }
    }
  }

  /** Whether one more, {@code later} ms after call {@code last}, were too many in some window. */
  private static boolean fullWindowEndsAt(List<Call> calls, int last, long later, long rate) {
    long given = 1;
    for (int from = last; from >= 0; from--) {
      given += calls.get(from).given();
      long window = calls.get(last).at() + later - calls.get(from).at();
      if (TOKEN.multiply(BigInteger.valueOf(given)).compareTo(allowed(rate, window)) > 0) {
        return true;
      }
    }
    return false;
  }
}
