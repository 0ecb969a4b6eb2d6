package dev.postrider.simulation;

import dev.postrider.simulation.ModelLanes.Caps;
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
  private static final Caps CAPS = new Caps(6, 3, 2);

  @Test
  void onePartitionKeepsToTheModel(RedisServer redis, Vertx vertx) {
    play(redis, vertx, 1, Caps.NONE, 1, 4, 300);
    play(redis, vertx, 1, CAPS, 101, 8, 300);
  }

  @Test
  void fourPartitionsKeepToTheModel(RedisServer redis, Vertx vertx) {
    play(redis, vertx, 4, Caps.NONE, 201, 4, 300);
    play(redis, vertx, 4, CAPS, 301, 4, 300);
  }

  @Tag("drill")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  @Test
  void longHistoriesKeepToTheModel(RedisServer redis, Vertx vertx) {
    play(redis, vertx, 1, Caps.NONE, 10_001, 40, 2_000);
    play(redis, vertx, 1, CAPS, 20_001, 80, 2_000);
    play(redis, vertx, 4, Caps.NONE, 30_001, 40, 2_000);
    play(redis, vertx, 4, CAPS, 40_001, 40, 2_000);
  }

  private static void play(
      RedisServer redis, Vertx vertx, int partitions, Caps caps, long first, int seeds, int steps) {
    try (RedisRig.Links links = new RedisRig.Links(vertx, redis)) {
      new Simulation(seed -> new RedisRig(links, partitions, caps, seed)).play(first, seeds, steps);
    }
  }
}
