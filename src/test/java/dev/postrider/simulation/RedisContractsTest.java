package dev.postrider.simulation;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The store in Redis keeps the contracts of jobs and of limits, in one partition and in four. */
@ExtendWith(RedisExtension.class)
class RedisContractsTest {
  private static Vertx vertx;
  private static RedisRig.Links links;

  @BeforeAll
  static void connect(RedisServer redis) {
    vertx = Vertx.vertx();
    links = new RedisRig.Links(vertx, redis);
  }

  @AfterAll
  static void disconnect() {
    links.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static Rig on(int partitions) {
    return new RedisRig(links, partitions, 1);
  }

  @Nested
  class OnePartition extends JobStoreContract {
    @Override
    Rig rig() {
      return on(1);
    }
  }

  @Nested
  class FourPartitions extends JobStoreContract {
    @Override
    Rig rig() {
      return on(4);
    }
  }

  @Nested
  class LimitsInOnePartition extends QueueLimitsContract {
    @Override
    Rig rig() {
      return on(1);
    }
  }

  @Nested
  class LimitsInFourPartitions extends QueueLimitsContract {
    @Override
    Rig rig() {
      return on(4);
    }
  }
}
