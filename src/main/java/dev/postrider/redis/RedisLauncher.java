package dev.postrider.redis;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a Redis server in its home. */
final class RedisLauncher {

  private static final Logger LOG = LoggerFactory.getLogger(RedisLauncher.class);
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);

  private RedisLauncher() {}

  /**
   * Starts a server and waits until it has loaded its data, however long that takes.
   *
   * @throws StartupException if it does not come up
   */
  static RedisProcess launch(RedisBinary binary, RedisHome home, String settings) {
    refuseBesideAnother(home);
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

  /** A server whose socket was removed still writes to the append-only file. */
  private static void refuseBesideAnother(RedisHome home) {
    try {
      if (!Files.exists(home.pidFile())) {
        return;
      }
      String pid = Files.readString(home.pidFile()).trim();
      Path workingDirectory = Path.of("/proc", pid, "cwd");
      if (Files.exists(workingDirectory)
          && workingDirectory.toRealPath().equals(home.directory())) {
        throw new StartupException(
            "a Redis (process "
                + pid
                + ") still runs in "
                + home.directory()
                + ", but not on "
                + home.socket(),
            "end it with: kill " + pid);
      }
    } catch (IOException e) {
      LOG.debug("No look at what {} names: {}", home.pidFile(), e.getMessage());
    }
  }

  private static RedisProcess awaitReady(Process process, RedisHome home) {
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    boolean loading = false;
    try {
      while (loading || System.nanoTime() - deadline < 0) {
        Optional<RedisProcess> ready = Optional.empty();
        try (RedisProbe probe = RedisProbe.connect(home.socket(), RedisProcess.PATIENCE)) {
          ready = RedisProcess.ifReady(probe, home);
          if (ready.isEmpty() && !loading) {
            LOG.info("Redis is loading its data");
            loading = true;
          }
        } catch (IOException e) {
          loading = false;
        }
        if (ready.isPresent()) {
          return ready.get();
        }
        // The launcher of a server that detaches itself ends with 0 while the server comes up.
        if (!process.isAlive() && process.exitValue() != 0) {
          break;
        }
        RedisProcess.pause();
      }
    } catch (StartupException e) {
      process.destroy();
      throw e;
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
    command.addAll(List.of("--pidfile", home.pidFile().toString()));
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
}
