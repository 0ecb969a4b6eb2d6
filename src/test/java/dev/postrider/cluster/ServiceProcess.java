package dev.postrider.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A service in a process of its own, on ports and in a data directory that outlive its end. */
final class ServiceProcess implements AutoCloseable {

  /** A cold JVM on a busy machine. */
  static final Duration START_PATIENCE = Duration.ofSeconds(45);

  private final Path data;
  private final int port = Ports.free();
  private final int managementPort = Ports.free();
  private final List<String> settings;
  private final Api api;
  private final Api management;
  private JarProcess process;

  /**
   * Starts one; {@link #awaitReady} waits for it.
   *
   * @param data its data directory
   * @param settings as {@code key=value}
   */
  ServiceProcess(HttpCalls http, Path data, List<String> settings) {
    this.data = data;
    this.settings = settings;
    this.api = new Api(http, port);
    this.management = new Api(http, managementPort);
    this.process = launch();
  }

  private JarProcess launch() {
    List<String> arguments = new ArrayList<>(List.of("server"));
    set(arguments, "http.port=" + port);
    set(arguments, "management.port=" + managementPort);
    set(arguments, "data.directory=" + data);
    settings.forEach(setting -> set(arguments, setting));
    return JarProcess.start(data.getParent(), Map.of(), arguments);
  }

  private static void set(List<String> arguments, String setting) {
    arguments.add("--set");
    arguments.add(setting);
  }

  /** Waits until it says that it is well. */
  ServiceProcess awaitReady() {
    return awaitReady(START_PATIENCE);
  }

  ServiceProcess awaitReady(Duration bound) {
    JarProcess current = process;
    Await.until(
        "the service on port " + port + " is ready", bound, () -> isReady() || ended(current));
    if (ended(current)) {
      throw new AssertionError("the service has ended:\n" + current.said());
    }
    return this;
  }

  private static boolean ended(JarProcess process) {
    return !process.isAlive();
  }

  boolean isReady() {
    try {
      return management.get("/health/ready").status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** Starts it again, after its end, with the same ports, directory and settings. */
  ServiceProcess startAgain() {
    if (process.isAlive()) {
      throw new IllegalStateException("it still runs");
    }
    process = launch();
    return this;
  }

  Path data() {
    return data;
  }

  Api api() {
    return api;
  }

  int port() {
    return port;
  }

  /** What it measures of itself, as a scraper gets it. */
  String metrics() {
    return String.valueOf(management.get("/metrics").body());
  }

  int managementPort() {
    return managementPort;
  }

  JarProcess process() {
    return process;
  }

  /** Ends it with SIGKILL; the Redis that it started goes on. */
  void kill() {
    process.kill();
  }

  /** The process id of the Redis that it runs. */
  long redisPid() {
    try {
      return Long.parseLong(Files.readString(data.resolve("redis.pid")).trim());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the Redis that it runs listens. */
  SocketAddress redisAddress() {
    return UnixDomainSocketAddress.of(data.resolve("redis.sock"));
  }

  /** Its Redis as {@code redis.url} of another node takes it. */
  String redisUrl() {
    return "unix://" + data.resolve("redis.sock").toAbsolutePath();
  }

  /** Ends it, and the Redis that it may have left running. */
  @Override
  public void close() {
    process.close();
    if (Files.exists(data.resolve("redis.pid"))) {
      try {
        ProcessHandle.of(redisPid())
            .filter(ServiceProcess::isRedis)
            .ifPresent(ProcessHandle::destroyForcibly);
      } catch (NumberFormatException e) {
        // It was just being written; that Redis ends with the data directory's lock.
      }
    }
  }

  private static boolean isRedis(ProcessHandle handle) {
    String command = handle.info().command().orElse("");
    return handle.isAlive() && (command.contains("redis") || command.contains("valkey"));
  }
}
