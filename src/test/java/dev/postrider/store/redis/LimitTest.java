package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.buffer.Buffer;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code lib/limit.lua}: what it gives in any window, and that it holds nothing up for nothing,
 * whatever arrives when and wherever the clock jumps.
 */
@ExtendWith(RedisExtension.class)
class LimitTest {
  private static final int CALLS = 150;
  private static final int SEEDS = 8;
  private static final long ALL = 1_000_000_000;
  private static final BigInteger TOKEN = BigInteger.valueOf(1_000_000_000);

  /**
   * A limit.
   *
   * @param rate millionths of a token per second
   * @param burst tokens; null = one second's worth, at least one
   */
  private record Limit(long rate, @Nullable Integer burst) {
    /** What may be given within {@code ms}, in billionths: a burst and what is earned. */
    BigInteger allowed(long ms) {
      BigInteger perMs = BigInteger.valueOf(rate);
      BigInteger most =
          burst == null
              ? TOKEN.max(perMs.multiply(BigInteger.valueOf(1000)))
              : TOKEN.multiply(BigInteger.valueOf(burst));
      return most.add(perMs.multiply(BigInteger.valueOf(ms)));
    }
  }

  /**
   * A call.
   *
   * @param at ms that have passed since the first, whatever the clock shows
   * @param backMs what the clock has gone back since, in all
   */
  private record Call(long at, long backMs, Limit limit, long asked, long given, long waitMs) {}

  /** Moments, and what is asked for at them: a clock that goes back does so at once. */
  private static final class Arrivals {
    private final List<Object> script = new ArrayList<>();
    private final List<Object> clocks = new ArrayList<>();
    private final List<Long> asked = new ArrayList<>();
    private final List<Limit> limits = new ArrayList<>();

    Arrivals() {
      script.addAll(
          List.of(
              "EVAL",
              LuaSource.text("test/limit"),
              1,
              "{0}m",
              ScriptTest.T0,
              "random--",
              Packed.ms(Buffer.buffer().appendInt(1), 1)));
    }

    /** Asks after some time, or at once with the clock set back. */
    void ask(long clockMs, long tokens, Limit limit) {
      add(clockMs, tokens, limit);
    }

    /** Asks when the answer before said that there will be a token. */
    void askWhenTold(long tokens, Limit limit) {
      add("", tokens, limit);
    }

    private void add(Object clockMs, long tokens, Limit limit) {
      clocks.add(clockMs);
      asked.add(tokens);
      limits.add(limit);
      script.addAll(
          List.of(clockMs, tokens, limit.rate(), limit.burst() == null ? "" : limit.burst()));
    }

    List<Call> play(RedisServer redis) {
      List<Call> played = new ArrayList<>();
      try (RawRedis raw = new RawRedis(redis.address())) {
        List<?> answers = raw.list(script.toArray());
        long at = 0;
        long back = 0;
        long told = 0;
        for (int i = 0; i < asked.size(); i++) {
          long clockMs = clocks.get(i) instanceof Long passed ? passed : told;
          at += Math.max(0, clockMs);
          back += Math.max(0, -clockMs);
          long given = Long.parseLong(answers.get(2 * i).toString());
          told = Long.parseLong(answers.get(2 * i + 1).toString());
          played.add(new Call(at, back, limits.get(i), asked.get(i), given, told));
        }
      }
      return played;
    }
  }

  /** Around the pace at which tokens come, now and then a burst, a long rest or a step back. */
  private static void askAtRandom(Arrivals arrivals, Random random, Limit limit, boolean steady) {
    double pace = 1_000_000_000.0 / limit.rate();
    long passed =
        switch (random.nextInt(8)) {
          case 0, 1 -> 0;
          case 2 -> (long) (pace * 20 * random.nextDouble());
          case 3 -> steady ? 1 : -(long) (pace * 5 * random.nextDouble());
          default -> (long) (pace * 2 * random.nextDouble());
        };
    arrivals.ask(passed, random.nextInt(6) == 0 ? 1_000 : 1 + random.nextInt(3), limit);
  }

  static Stream<Arguments> limits() {
    List<Arguments> limits = new ArrayList<>();
    long[] rates = {
      1, 33_333, 100_000, 999_999, 1_000_000, 2_500_000, 7_777_777, 100_000_000, 999_999_999_999L
    };
    for (long rate : rates) {
      for (Integer burst : new Integer[] {null, 1, 3, 50}) {
        limits.add(Arguments.of(rate, burst));
      }
    }
    return limits.stream();
  }

  /** Not those at which more comes within a millisecond than they hold. */
  static Stream<Arguments> limitsThatCanBeUsedUp() {
    return limits()
        .filter(
            limit -> {
              Integer burst = (Integer) limit.get()[1];
              return burst == null || (long) limit.get()[0] <= 1_000_000_000L * burst;
            });
  }

  @ParameterizedTest
  @MethodSource("limits")
  void inEveryWindow_noMoreThanBurstAndRateIsGiven_andWhatIsAllowedIs(
      long rate, @Nullable Integer burst, RedisServer redis) {
    Limit limit = new Limit(rate, burst);
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Arrivals arrivals = new Arrivals();
      for (int i = 0; i < CALLS; i++) {
        askAtRandom(arrivals, random, limit, seed % 2 == 0);
      }
      List<Call> calls = arrivals.play(redis);
      noWindowHoldsTooMuch(calls, seed);
      for (int i = 0; i < calls.size(); i++) {
        Call call = calls.get(i);
        assertThat(call.given()).isBetween(0L, call.asked());
        if (call.given() < call.asked()) {
          assertThat(call.waitMs()).as("wait of call %d, seed %d", i, seed).isPositive();
          assertThat(fullWindowEndsAt(calls, i, call.waitMs())).isFalse();
          // a clock that went back may have taken with it what was earned
          assertThat(call.backMs() > 0 || fullWindowEndsAt(calls, i, call.waitMs() - 1)).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("limitsThatCanBeUsedUp")
  void whileThereIsBacklog_noLessThanTheRateIsGiven(
      long rate, @Nullable Integer burst, RedisServer redis) {
    Limit limit = new Limit(rate, burst);
    Random random = new Random(rate);
    Arrivals arrivals = new Arrivals();
    for (int i = 0; i < CALLS; i++) {
      if (random.nextInt(5) == 0) {
        arrivals.ask(random.nextInt(5) == 0 ? -random.nextInt(5_000) : 0, ALL, limit);
      } else {
        arrivals.askWhenTold(ALL, limit);
      }
    }
    List<Call> calls = arrivals.play(redis);
    // one that holds no more than one token loses what comes while a whole millisecond ends
    boolean loses = limit.allowed(0).compareTo(TOKEN.add(BigInteger.valueOf(rate))) < 0;
    for (int from = 0; from < calls.size(); from++) {
      long given = 0;
      long lostMs = 0;
      for (int to = from + 1; to < calls.size(); to++) {
        given += calls.get(to).given();
        lostMs += loses ? 1 : 0;
        // while the clock goes over the same time again, nothing is earned
        long window =
            calls.get(to).at()
                - calls.get(from).at()
                - (calls.get(to).backMs() - calls.get(from).backMs())
                - lostMs;
        assertThat(TOKEN.multiply(BigInteger.valueOf(given + 1)))
            .as("given in %d ms after call %d", window, from)
            .isGreaterThan(BigInteger.valueOf(rate).multiply(BigInteger.valueOf(window)));
      }
    }
  }

  @Test
  void aChangedLimit_holdsFromTheChangeOn_andOwesWhatIsNotPaidOff(RedisServer redis) {
    for (long seed = 0; seed < 20 * SEEDS; seed++) {
      Random random = new Random(seed);
      Arrivals arrivals = new Arrivals();
      Limit limit = new Limit(2_000_000, null);
      for (int i = 0; i < CALLS; i++) {
        if (random.nextInt(15) == 0) {
          limit =
              new Limit(
                  100_000L * (1 + random.nextInt(100)),
                  random.nextBoolean() ? null : 1 + random.nextInt(10));
        }
        askAtRandom(arrivals, random, limit, random.nextBoolean());
      }
      noWindowHoldsTooMuch(arrivals.play(redis), seed);
    }
  }

  @Test
  void aRaisedRate_paysOffFasterWhatIsOwed(RedisServer redis) {
    Arrivals arrivals = new Arrivals();
    arrivals.ask(0, 1, new Limit(500_000, 1));
    arrivals.ask(1_000, 1, new Limit(500_000, 1));
    arrivals.ask(0, 1, new Limit(5_000_000, 1));
    arrivals.ask(99, 1, new Limit(5_000_000, 1));
    arrivals.ask(1, 1, new Limit(5_000_000, 1));
    List<Call> calls = arrivals.play(redis);
    assertThat(calls).extracting(Call::given).containsExactly(1L, 0L, 0L, 0L, 1L);
    assertThat(calls).extracting(Call::waitMs).containsExactly(2000L, 1000L, 100L, 1L, 200L);
  }

  /** Of all windows in which the limit was the same. */
  private static void noWindowHoldsTooMuch(List<Call> calls, long seed) {
    for (int from = 0; from < calls.size(); from++) {
      Limit limit = calls.get(from).limit();
      long given = 0;
      for (int to = from; to < calls.size() && calls.get(to).limit().equals(limit); to++) {
        given += calls.get(to).given();
        long window = calls.get(to).at() - calls.get(from).at();
        assertThat(TOKEN.multiply(BigInteger.valueOf(given)))
            .as("given in %d ms from call %d, seed %d", window, from, seed)
            .isLessThanOrEqualTo(limit.allowed(window));
      }
    }
  }

  /** Whether one more, {@code later} ms after call {@code last}, were too many in some window. */
  private static boolean fullWindowEndsAt(List<Call> calls, int last, long later) {
    long given = 1;
    for (int from = last; from >= 0; from--) {
      given += calls.get(from).given();
      long window = calls.get(last).at() + later - calls.get(from).at();
      Limit limit = calls.get(from).limit();
      if (TOKEN.multiply(BigInteger.valueOf(given)).compareTo(limit.allowed(window)) > 0) {
        return true;
      }
    }
    return false;
  }
}
