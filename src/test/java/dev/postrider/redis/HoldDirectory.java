package dev.postrider.redis;

import dev.postrider.config.DataConfig;
import dev.postrider.config.RedisConfig;
import java.nio.file.Path;
import java.util.Map;

/** A service that starts its Redis, says so, and lives until its input ends or it is killed. */
final class HoldDirectory {

  private HoldDirectory() {}

  public static void main(String[] args) throws Exception {
    EmbeddedRedis redis =
        EmbeddedRedis.start(
            new DataConfig(Path.of(args[0])), RedisConfig.DEFAULT, Map.of("http", "127.0.0.1:1"));
    System.out.println("pid " + redis.pid());
    if (System.in.read() < 0) {
      redis.stop();
    }
  }
}
