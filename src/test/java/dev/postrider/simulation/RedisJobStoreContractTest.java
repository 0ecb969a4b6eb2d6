package dev.postrider.simulation;

import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;

/** The store in Redis keeps the contract, in one partition and in four. */
@ExtendWith(RedisExtension.class)
class RedisJobStoreContractTest {
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

  abstract static class OnRedis extends JobStoreContract {
    private final int partitions;

    OnRedis(int partitions) {
      this.partitions = partitions;
    }

    @Override
    Rig rig() {
      return new RedisRig(links, partitions, 1);
    }
  }

  @Nested
  class OnePartition extends OnRedis {
    OnePartition() {
      super(1);
    }
  }

  @Nested
  class FourPartitions extends OnRedis {
    FourPartitions() {
      super(4);
    }
  }
}
