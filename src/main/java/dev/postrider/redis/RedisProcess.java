package dev.postrider.redis;

import java.io.File;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis server running on this machine over a unix socket. Its methods block.
 *
 * <p>It runs in a session of its own, so that a terminal's Ctrl-C reaches the service alone, which
 * then stops it in order. It outlives a service that dies.
 */
public final class RedisProcess {

  private static final Logger LOG = LoggerFactory.getLogger(RedisProcess.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

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
    try {
      Files.writeString(home.configuration(), settings);
      List<String> command = command(binary, home);
      LOG.debug("Running {}", command);
      Process process =
          new ProcessBuilder(command)
              .directory(home.directory().toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(home.log().toFile()))
              .start();
      process.getOutputStream().close();
      return awaitReady(process, home);
    } catch (IOException e) {
      throw new StartupException(
          "cannot run " + binary.path() + ": " + e.getMessage(),
          "install redis-server 7 or later, or name one that works as redis.binary",
          e);
    }
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
        if (isReady(probe)) {
          return Optional.of(new RedisProcess(home, pid(probe)));
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

  /** Waits until it is gone. */
  public void awaitEnd() {
    while (!Thread.currentThread().isInterrupted()) {
      try (RedisProbe probe = RedisProbe.connect(home.socket(), PATIENCE)) {
        probe.awaitEnd();
      } catch (IOException e) {
        return;
      }
      // It may only have ended this connection: then the next one stands.
      pause();
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
    while (answersConnections()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      pause();
    }
    return true;
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

  private static RedisProcess awaitReady(Process process, RedisHome home) {
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    boolean loading = false;
    while (loading || System.nanoTime() - deadline < 0) {
      try (RedisProbe probe = RedisProbe.connect(home.socket(), PATIENCE)) {
        if (isReady(probe)) {
          return new RedisProcess(home, pid(probe));
        }
        if (!loading) {
          LOG.info("Redis is loading its data");
          loading = true;
        }
      } catch (IOException e) {
        loading = false;
      }
      // The launcher of a server that detaches itself ends with 0 while the server comes up.
      if (!process.isAlive() && process.exitValue() != 0) {
        break;
      }
      pause();
    }
    process.destroy();
    throw new StartupException(
        "Redis did not start: " + lastLine(home.log()),
        "see " + home.log() + "; redis-check-aof repairs a damaged append-only file");
  }

  private static List<String> command(RedisBinary binary, RedisHome home) {
    List<String> command = new ArrayList<>();
    Optional<Path> setsid = onPath("setsid");
    setsid.ifPresent(path -> command.add(path.toString()));
    command.add(binary.path().toString());
    command.add(home.configuration().toString());
    command.addAll(List.of("--dir", home.directory().toString()));
    command.addAll(List.of("--unixsocket", home.socket().toString()));
    command.addAll(List.of("--logfile", home.log().toString()));
    // Where there is no setsid (macOS), Redis makes a session of its own by detaching itself.
    command.addAll(List.of("--daemonize", setsid.isPresent() ? "no" : "yes"));
    return command;
  }

  private static Optional<Path> onPath(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String directory : path.split(Pattern.quote(File.pathSeparator), -1)) {
      Path candidate = Path.of(directory, name);
      if (!directory.isEmpty() && Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static boolean isReady(RedisProbe probe) throws IOException {
    try {
      return "PONG".equals(probe.call("PING"));
    } catch (RedisErrorException e) {
      if (e.code().equals("LOADING") || e.code().equals("BUSY")) {
        return false;
      }
      throw new IOException(e.getMessage(), e);
    }
  }

  private static long pid(RedisProbe probe) throws IOException {
    String info = String.valueOf(probe.call("INFO", "server"));
    return info.lines()
        .filter(line -> line.startsWith("process_id:"))
        .map(line -> Long.valueOf(line.substring("process_id:".length()).trim()))
        .findFirst()
        .orElseThrow(() -> new IOException("Redis does not tell its process id"));
  }

  private static String lastLine(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      for (int i = lines.size() - 1; i >= 0; i--) {
        if (!lines.get(i).isBlank()) {
          return lines.get(i).trim();
        }
      }
      return "it said nothing";
    } catch (IOException e) {
      return "it left no log";
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while waiting for Redis", "start again", e);
    }
  }
}
