package dev.postrider.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis server running on this machine over a unix socket. Its methods block.
 *
 * <p>It runs in a session of its own, so that a terminal's Ctrl-C reaches the service alone, which
 * then stops it in order. It outlives a service that dies.
 */
public final class RedisProcess {

  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(RedisProcess.class);

  private final RedisHome home;
  private final long pid;

  private RedisProcess(RedisHome home, long pid) {
    this.home = home;
    this.pid = pid;
  }

  /**
   * Starts a server and returns when it has loaded its data and answers.
   *
   * @param settings the text of its configuration file
   * @throws StartupException if it does not come up
   */
  public static RedisProcess launch(RedisBinary binary, RedisHome home, String settings) {
    return RedisLauncher.launch(binary, home, settings);
  }

  /**
   * The server that already listens at a home, once it has loaded its data; empty if none does.
   *
   * @throws StartupException if one listens but does not answer: another beside it would damage the
   *     append-only file
   */
  public static Optional<RedisProcess> find(RedisHome home) {
    while (true) {
      try (RedisProbe probe = RedisProbe.connect(home.socket(), PATIENCE)) {
        Optional<RedisProcess> ready = ifReady(probe, home);
        if (ready.isPresent()) {
          return ready;
        }
      } catch (SocketTimeoutException e) {
        throw new StartupException(
            "a Redis listens on " + home.socket() + " but does not answer",
            "let it go on or end it, then start again",
            e);
      } catch (IOException e) {
        return Optional.empty();
      }
      pause();
    }
  }

  /** Its process id, as it knows it itself. */
  public long pid() {
    return pid;
  }

  /** Where it lives. */
  public RedisHome home() {
    return home;
  }

  /** Waits until it is gone, or the thread is interrupted. */
  public void awaitEnd() {
    while (!Thread.currentThread().isInterrupted()) {
      try (RedisProbe probe = RedisProbe.connect(home.socket(), PATIENCE)) {
        probe.awaitEnd();
      } catch (IOException e) {
        return;
      }
      // It may only have ended this connection: then the next one stands.
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Asks it to write what it has and end, and waits for that.
   *
   * @return whether it ended within the patience
   */
  public boolean stop(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isEmpty() || !process.get().destroy()) {
      shutDownByCommand();
    }
    // It closes its socket as the last thing it does; the process id of an adopted server may stay
    // taken until somebody else collects it.
    while (answersConnections()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      pause();
    }
    return true;
  }

  /**
   * The server at the other end, if it has loaded its data.
   *
   * @throws StartupException if it answers with a refusal
   */
  static Optional<RedisProcess> ifReady(RedisProbe probe, RedisHome home) throws IOException {
    try {
      probe.call("PING");
    } catch (RedisErrorException e) {
      if (e.code().equals("LOADING") || e.code().equals("BUSY")) {
        return Optional.empty();
      }
      throw new StartupException(
          "what listens on " + home.socket() + " turns the service away: " + e.getMessage(),
          "end it, or set redis.url to it with user and password",
          e);
    }
    String info = String.valueOf(probe.call("INFO", "server"));
    return info.lines()
        .filter(line -> line.startsWith("process_id:"))
        .map(line -> Long.valueOf(line.substring("process_id:".length()).trim()))
        .map(pid -> new RedisProcess(home, pid))
        .findFirst();
  }

  static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while waiting for Redis", "start again", e);
    }
  }

  private void shutDownByCommand() {
    try (RedisProbe probe = RedisProbe.connect(home.socket(), PATIENCE)) {
      probe.call("SHUTDOWN");
    } catch (IOException e) {
      LOG.debug("Redis ended while it was told to: {}", e.getMessage());
    }
  }

  private boolean answersConnections() {
    try {
      RedisProbe.connect(home.socket(), PATIENCE).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
