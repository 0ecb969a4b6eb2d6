package dev.postrider.redis;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis server program that can be run here.
 *
 * @param path the program
 * @param version its version, such as {@code 7.0.15}
 * @param origin how it was found
 */
public record RedisBinary(Path path, String version, Origin origin) {

  /** How a server program was found. */
  public enum Origin {
    /** It is named in the configuration. */
    CONFIGURED,
    /** It is installed on this machine. */
    PATH,
    /** It is the one that the service carries. */
    BUNDLED
  }

  /** The oldest major version whose scripts can do what the store's need. */
  public static final int OLDEST_MAJOR_VERSION = 7;

  private static final Logger LOG = LoggerFactory.getLogger(RedisBinary.class);
  private static final String[] NAMES = {"redis-server", "valkey-server"};
  private static final String BUNDLED_PREFIX = "redis-server-";
  private static final String BUNDLED_VERSION = "7.0.15";
  private static final Pattern VERSION = Pattern.compile("v=(\\d+)(\\.\\d+)*");

  /**
   * Finds a server program: the configured one, else an installed {@code redis-server} or {@code
   * valkey-server} (they run faster than the carried one and get their distribution's fixes), else
   * the carried one.
   *
   * @param configured path of the program to use; empty for a search
   * @param searchPath directories to search, in the notation of the PATH variable
   * @param extractInto where the carried program is unpacked to if it comes to that
   * @throws StartupException if there is none
   */
  public static RedisBinary find(String configured, String searchPath, Path extractInto) {
    if (!configured.isEmpty()) {
      return configured(Path.of(configured));
    }
    return onPath(searchPath).orElseGet(() -> bundled(extractInto));
  }

  private static RedisBinary configured(Path path) {
    String hint =
        "set redis.binary to a Redis or Valkey server program of version "
            + OLDEST_MAJOR_VERSION
            + " or later, or leave it empty";
    if (!Files.isRegularFile(path) || !Files.isExecutable(path)) {
      throw new StartupException("redis.binary " + path + " is not a program", hint);
    }
    String version =
        version(path)
            .orElseThrow(
                () -> new StartupException("redis.binary " + path + " is not a Redis", hint));
    if (!isRecent(version)) {
      throw new StartupException("redis.binary " + path + " is version " + version, hint);
    }
    return new RedisBinary(path.toAbsolutePath(), version, Origin.CONFIGURED);
  }

  private static Optional<RedisBinary> onPath(String searchPath) {
    for (String directory : searchPath.split(Pattern.quote(File.pathSeparator), -1)) {
      if (directory.isEmpty()) {
        continue;
      }
      for (String name : NAMES) {
        Path path = Path.of(directory, name);
        if (!Files.isRegularFile(path) || !Files.isExecutable(path)) {
          continue;
        }
        Optional<String> version = version(path);
        if (version.filter(RedisBinary::isRecent).isPresent()) {
          return version.map(v -> new RedisBinary(path.toAbsolutePath(), v, Origin.PATH));
        }
        LOG.info("Passing over {} of version {}", path, version.orElse("unknown"));
      }
    }
    return Optional.empty();
  }

  private static RedisBinary bundled(Path extractInto) {
    String name = BUNDLED_PREFIX + BUNDLED_VERSION + "-" + operatingSystem() + "-" + architecture();
    Path target = extractInto.resolve(name);
    try (InputStream in = RedisBinary.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new StartupException(
            "no Redis server found on the PATH, and none is carried for this platform",
            "install Redis or Valkey 7 or later, or set redis.url to one that runs elsewhere");
      }
      byte[] program = in.readAllBytes();
      if (!Files.isExecutable(target) || Files.size(target) != program.length) {
        Files.createDirectories(extractInto);
        Path partial = Files.createTempFile(extractInto, name, ".part");
        Files.write(partial, program);
        if (!partial.toFile().setExecutable(true, true)) {
          throw new IOException("cannot be made executable");
        }
        Files.move(
            partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new StartupException(
          "cannot unpack the carried Redis to " + target + ": " + e.getMessage(),
          "make data.directory writable, or install redis-server",
          e);
    }
    return new RedisBinary(target.toAbsolutePath(), BUNDLED_VERSION, Origin.BUNDLED);
  }

  private static Optional<String> version(Path path) {
    try {
      Process process =
          new ProcessBuilder(path.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output;
      try (InputStream in = process.getInputStream()) {
        output = new String(in.readNBytes(4096), StandardCharsets.UTF_8);
      }
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      Matcher matcher = VERSION.matcher(output);
      return matcher.find() ? Optional.of(matcher.group().substring(2)) : Optional.empty();
    } catch (IOException e) {
      LOG.info("{} cannot be run: {}", path, e.getMessage());
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Whether a version such as {@code 7.0.15} is one that the store can work with. */
  static boolean isRecent(String version) {
    int dot = version.indexOf('.');
    String major = dot < 0 ? version : version.substring(0, dot);
    return Integer.parseInt(major) >= OLDEST_MAJOR_VERSION;
  }

  private static String operatingSystem() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    return name.startsWith("mac") ? "darwin" : name;
  }

  private static String architecture() {
    String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      case "i386", "x86" -> "386";
      default -> name;
    };
  }
}
