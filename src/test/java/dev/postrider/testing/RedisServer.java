package dev.postrider.testing;

import dev.postrider.redis.RedisBinary;
import dev.postrider.redis.RedisHome;
import dev.postrider.redis.RedisProbe;
import dev.postrider.redis.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis for tests: the one on the PATH, else the carried one, without an append-only file;
 * with {@code -Dpostrider.test.redis=<image>} one in a container instead.
 */
public final class RedisServer implements AutoCloseable {

  private static final String PLAIN_SETTINGS =
      "port 0\nappendonly no\nsave \"\"\nmaxmemory-policy noeviction\n";

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private final String url;
  private final SocketAddress address;
  private final String settings;
  private @Nullable RedisProcess process;
  private Runnable stop = () -> {};

  private RedisServer(String url, SocketAddress address, String settings) {
    this.url = url;
    this.address = address;
    this.settings = settings;
  }

  /** Starts one that belongs to the caller. */
  public static RedisServer start() {
    String image = System.getProperty("postrider.test.redis", "");
    return image.isEmpty() ? startProcess(PLAIN_SETTINGS) : startContainer(image);
  }

  /**
   * Starts a process of the caller's own with further settings, such as {@code "appendonly yes"};
   * never a container.
   */
  public static RedisServer startWith(String... settings) {
    return startProcess(PLAIN_SETTINGS + String.join("\n", settings) + "\n");
  }

  /** Its address as {@code redis.url} takes it. */
  public String url() {
    return url;
  }

  /** Where it listens. */
  public SocketAddress address() {
    return address;
  }

  /**
   * Runs one command: the answer is a String, a Long, a List of these, or null.
   *
   * @throws dev.postrider.redis.RedisErrorException if Redis answers with an error
   */
  public @Nullable Object call(String... command) {
    try (RedisProbe probe = RedisProbe.connect(address, Duration.ofSeconds(20))) {
      return probe.call(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes every key. */
  public void flush() {
    call("FLUSHALL");
  }

  /** Changes a setting until the returned value is closed. */
  public Setting set(String name, String value) {
    List<?> before = (List<?>) call("CONFIG", "GET", name);
    if (before == null || before.size() != 2) {
      throw new IllegalArgumentException("Redis has no setting " + name);
    }
    String old = String.valueOf(before.get(1));
    call("CONFIG", "SET", name, value);
    return () -> call("CONFIG", "SET", name, old);
  }

  /** A changed setting; closing it changes it back. */
  public interface Setting extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public void close() {
    stop.run();
  }

  /** Sends a signal such as {@code STOP}, {@code CONT} or {@code KILL} to its process. */
  public void signal(String name) {
    try {
      long pid = requireProcess().pid();
      Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill -" + name + " " + pid + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Starts it again at the same address, after it was killed. */
  public void startAgain() {
    RedisProcess old = requireProcess();
    process = RedisProcess.launch(binary(), old.home(), settings);
  }

  private RedisProcess requireProcess() {
    if (process == null) {
      throw new IllegalStateException("it runs in a container");
    }
    return process;
  }

  private static RedisServer startProcess(String settings) {
    try {
      Path directory = Files.createTempDirectory(Path.of("/tmp"), "postrider-test-");
      RedisHome home = RedisHome.in(directory);
      RedisProcess process = RedisProcess.launch(binary(), home, settings);
      RedisServer server =
          new RedisServer(home.url(), UnixDomainSocketAddress.of(home.socket()), settings);
      server.process = process;
      Thread atExit = new Thread(() -> server.requireProcess().stop(STOP_PATIENCE));
      Runtime.getRuntime().addShutdownHook(atExit);
      server.stop =
          () -> {
            Runtime.getRuntime().removeShutdownHook(atExit);
            server.requireProcess().stop(STOP_PATIENCE);
            delete(directory);
          };
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RedisBinary binary() {
    Path carried = Path.of(System.getProperty("java.io.tmpdir"), "postrider-test-bin");
    return RedisBinary.find("", searchPath(), carried);
  }

  private static RedisServer startContainer(String image) {
    RedisContainer container = RedisContainer.start(image);
    String url = "redis://" + container.host() + ":" + container.port();
    InetSocketAddress address = new InetSocketAddress(container.host(), container.port());
    RedisServer server = new RedisServer(url, address, "");
    server.stop = container::stop;
    return server;
  }

  /**
   * The directories searched for a server: {@code -Dpostrider.test.path=} leaves the carried one.
   */
  public static String searchPath() {
    String path = System.getProperty("postrider.test.path");
    return path != null ? path : System.getenv().getOrDefault("PATH", "");
  }

  private static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
