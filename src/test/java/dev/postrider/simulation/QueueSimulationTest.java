package dev.postrider.simulation;

import dev.postrider.store.LimitsChange;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Holds the store against its model through random histories.
 *
 * @see Simulation how to play one again
 */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class QueueSimulationTest {
  private static final LimitsChange NONE = LimitsChange.NONE;
  private static final LimitsChange RATES = RandomLimits.RATES;

  @Test
  void onePartitionKeepsToTheModel(RedisServer redis, Vertx vertx) {
    play(redis, vertx, 1, NONE, 1, 3, 300);
    play(redis, vertx, 1, RandomLimits.caps(6, 3, 2), 101, 5, 300);
    play(redis, vertx, 1, RATES, 201, 6, 300);
  }

  @Test
  void fourPartitionsKeepToTheModel(RedisServer redis, Vertx vertx) {
    play(redis, vertx, 4, NONE, 301, 2, 300);
    play(redis, vertx, 4, RandomLimits.caps(8, 6, 5), 401, 3, 300);
    play(redis, vertx, 4, RATES, 501, 3, 300);
  }

  @Tag("drill")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  @Test
  void longHistoriesKeepToTheModel(RedisServer redis, Vertx vertx) {
    play(redis, vertx, 1, NONE, 10_001, 40, 2_000);
    play(redis, vertx, 1, RandomLimits.caps(6, 3, 2), 20_001, 60, 2_000);
    play(redis, vertx, 1, RATES, 30_001, 60, 2_000);
    play(redis, vertx, 4, NONE, 40_001, 20, 2_000);
    play(redis, vertx, 4, RandomLimits.caps(8, 6, 5), 50_001, 30, 2_000);
    play(redis, vertx, 4, RATES, 60_001, 30, 2_000);
  }

  private static void play(
      RedisServer redis,
      Vertx vertx,
      int partitions,
      LimitsChange limits,
      long first,
      int seeds,
      int steps) {
    try (RedisRig.Links links = new RedisRig.Links(vertx, redis)) {
      new Simulation(seed -> new RedisRig(links, partitions, seed), limits)
          .play(first, seeds, steps);
    }
  }
}
