package dev.postrider.redis;

import dev.postrider.config.DataConfig;
import dev.postrider.config.RedisConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Redis that the service runs itself: one per data directory, guarded by a lock, started again
 * if it dies. A server that an earlier service left running is taken over as it is, with all jobs.
 *
 * <p>Methods block and are not for event loops.
 */
public final class EmbeddedRedis {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final String SETTINGS = "config/redis.conf";
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LAST_RETRY_MILLIS = 5_000;

  private final RedisHome home;
  private final RedisBinary binary;
  private final DirectoryLock lock;
  private final boolean adopted;
  private final Thread watcher;
  private volatile RedisProcess process;
  private volatile boolean stopping;

  private EmbeddedRedis(
      RedisHome home,
      RedisBinary binary,
      DirectoryLock lock,
      RedisProcess process,
      boolean adopted) {
    this.home = home;
    this.binary = binary;
    this.lock = lock;
    this.process = process;
    this.adopted = adopted;
    this.watcher = new Thread(this::watch, "embedded-redis");
    this.watcher.setDaemon(true);
  }

  /**
   * Takes the data directory and starts its Redis, or takes over the one that runs there.
   *
   * @param about what the lock file says of this service beside process and host, such as {@code
   *     http=127.0.0.1:8080}
   * @throws StartupException if the directory is another service's, or Redis does not start
   */
  public static EmbeddedRedis start(DataConfig data, RedisConfig redis, Map<String, String> about) {
    return start(data, redis, about, System.getenv().getOrDefault("PATH", ""));
  }

  static EmbeddedRedis start(
      DataConfig data, RedisConfig redis, Map<String, String> about, String searchPath) {
    RedisHome home = RedisHome.in(data.directory());
    DirectoryLock lock = DirectoryLock.take(home, about);
    try {
      RedisBinary binary =
          RedisBinary.find(redis.binary(), searchPath, home.directory().resolve("bin"));
      Optional<RedisProcess> running = RedisProcess.find(home);
      RedisProcess process = running.orElseGet(() -> RedisProcess.launch(binary, home, settings()));
      EmbeddedRedis embedded = new EmbeddedRedis(home, binary, lock, process, running.isPresent());
      embedded.report();
      embedded.watcher.start();
      return embedded;
    } catch (StartupException e) {
      lock.release();
      throw e;
    }
  }

  /** The URL of its socket; another node on this machine may use it too. */
  public String url() {
    return home.url();
  }

  /** Whether it was running already. */
  public boolean adopted() {
    return adopted;
  }

  /** The process id of the server that runs at the moment. */
  public long pid() {
    return process.pid();
  }

  /** Changes what the lock file says of this service, once its addresses are known. */
  public void describe(Map<String, String> about) {
    lock.describe(about);
  }

  /** Ends Redis in order, everything written, and gives the directory back. */
  public void stop() {
    stopping = true;
    watcher.interrupt();
    join();
    try {
      if (process.stop(STOP_PATIENCE)) {
        LOG.info("Redis has stopped");
      } else {
        LOG.warn("Redis has not stopped within {}; the next start takes it over", STOP_PATIENCE);
      }
    } finally {
      lock.release();
    }
  }

  private void watch() {
    while (!stopping) {
      process.awaitEnd();
      if (!stopping) {
        LOG.error("Redis (process {}) has died, see {}", process.pid(), home.log());
        startAgain();
      }
    }
  }

  private void startAgain() {
    Backoff backoff = new Backoff(FIRST_RETRY_MILLIS, LAST_RETRY_MILLIS);
    while (!stopping) {
      try {
        process =
            RedisProcess.find(home).orElseGet(() -> RedisProcess.launch(binary, home, settings()));
        LOG.info("Redis runs again (process {})", process.pid());
        return;
      } catch (StartupException e) {
        if (!stopping) {
          LOG.error("{}; {}", e.getMessage(), e.hint());
        }
      }
      try {
        Thread.sleep(backoff.next());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void join() {
    try {
      watcher.join(STOP_PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void report() {
    if (adopted) {
      LOG.info("Took over the running Redis (process {}) at {}", process.pid(), home.socket());
      return;
    }
    LOG.info(
        "Started {} {} (process {}) at {}",
        binary.path(),
        binary.version(),
        process.pid(),
        home.socket());
    if (binary.origin() == RedisBinary.Origin.BUNDLED) {
      LOG.info("This is the Redis carried along; an installed redis-server 7 or later runs faster");
    }
  }

  private static String settings() {
    try (InputStream in = EmbeddedRedis.class.getClassLoader().getResourceAsStream(SETTINGS)) {
      if (in == null) {
        throw new IllegalStateException(SETTINGS + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(SETTINGS + " cannot be read", e);
    }
  }
}
