package dev.postrider.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * Where a Redis that the service runs keeps its things.
 *
 * @param directory its working directory, with the append-only file and the log
 * @param socket the unix socket it listens on
 */
public record RedisHome(Path directory, Path socket) {

  /** Kernels take 104 to 108 bytes for the path of a unix socket; this leaves a margin. */
  static final int LONGEST_SOCKET_PATH = 100;

  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /**
   * Creates what is missing of a home.
   *
   * @throws StartupException if the directory cannot be used
   */
  public static RedisHome in(Path directory) {
    try {
      create(directory);
      Path real = directory.toRealPath();
      Path socket = real.resolve("redis.sock");
      if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
        socket = shortDirectory(real).resolve("redis.sock");
      }
      return new RedisHome(real, socket);
    } catch (IOException e) {
      throw new StartupException(
          "the data directory " + directory + " cannot be used: " + e,
          "set data.directory to a directory that this user may write",
          e);
    }
  }

  /** The URL by which other nodes on this machine reach it. */
  public String url() {
    return "unix://" + socket.toUri().getRawPath();
  }

  /** What the server says, and what it said in earlier runs. */
  public Path log() {
    return directory.resolve("redis.log");
  }

  Path configuration() {
    return directory.resolve("redis.conf");
  }

  Path pidFile() {
    return directory.resolve("redis.pid");
  }

  /** Jobs may hold what is nobody else's business, so a new directory is its owner's alone. */
  private static void create(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(directory, OWNER_ONLY);
    } else {
      Files.createDirectories(directory);
    }
  }

  /** The same short directory for the same home, so that a server left running is found again. */
  private static Path shortDirectory(Path home) throws IOException {
    Path path = Path.of("/tmp", "postrider-" + hash(home.toString()));
    try {
      return Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      boolean ours =
          Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
              && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(home))
              && PosixFilePermissions.toString(
                      Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
                  .equals("rwx------");
      if (!ours) {
        throw new IOException(path + " belongs to somebody else", e);
      }
      return path;
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
