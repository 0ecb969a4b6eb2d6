package dev.postrider.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The right to run the Redis of one data directory, held for the life of the service. The kernel
 * releases it with the process, however that ends. The file says who holds it.
 */
final class DirectoryLock {

  /**
   * What this JVM holds. POSIX locks belong to a process, which loses one as soon as it closes the
   * file by any way; so nobody here opens the file of a lock that is held here.
   */
  private static final Map<Path, DirectoryLock> HELD_HERE = new ConcurrentHashMap<>();

  private final Path file;
  private @Nullable FileChannel channel;
  private String holder = "";

  private DirectoryLock(Path file) {
    this.file = file;
  }

  /**
   * Takes the lock of a home.
   *
   * @param about what to say of this service, such as its addresses
   * @throws StartupException if another service holds it
   */
  static DirectoryLock take(RedisHome home, Map<String, String> about) {
    DirectoryLock lock = new DirectoryLock(home.directory().resolve("postrider.lock"));
    DirectoryLock other = HELD_HERE.putIfAbsent(lock.file, lock);
    if (other != null) {
      throw held(home, other.holder);
    }
    try {
      lock.open(home, about);
      return lock;
    } catch (IOException e) {
      HELD_HERE.remove(lock.file, lock);
      throw new StartupException(
          "the lock " + lock.file + " cannot be taken: " + e.getMessage(),
          "set data.directory to a directory on a local disk that this user may write",
          e);
    } catch (StartupException e) {
      HELD_HERE.remove(lock.file, lock);
      throw e;
    }
  }

  /** Writes anew what is to be said of this service. */
  void describe(Map<String, String> about) {
    FileChannel open = channel;
    if (open == null) {
      return;
    }
    holder =
        "pid="
            + ProcessHandle.current().pid()
            + " host="
            + hostName()
            + about.entrySet().stream()
                .map(entry -> " " + entry.getKey() + "=" + entry.getValue())
                .sorted()
                .collect(Collectors.joining());
    try {
      open.truncate(0);
      open.write(ByteBuffer.wrap((holder + "\n").getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException e) {
      throw new StartupException(
          file + " cannot be written: " + e.getMessage(), "make room on the disk", e);
    }
  }

  void release() {
    FileChannel open = channel;
    channel = null;
    if (open == null) {
      return;
    }
    try {
      open.truncate(0);
      open.close();
    } catch (IOException e) {
      throw new StartupException(
          file + " cannot be closed: " + e.getMessage(), "look at the disk", e);
    } finally {
      HELD_HERE.remove(file, this);
    }
  }

  private void open(RedisHome home, Map<String, String> about) throws IOException {
    FileChannel opened =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = opened.tryLock();
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    if (lock == null) {
      opened.close();
      throw held(home, Files.readString(file).trim());
    }
    channel = opened;
    describe(about);
  }

  private static StartupException held(RedisHome home, String holder) {
    String who = holder.isEmpty() ? "another Postrider" : "another Postrider (" + holder + ")";
    return new StartupException(
        "the data directory " + home.directory() + " is in use by " + who,
        "give this one a data.directory of its own, or let it join as a second node with redis.url="
            + home.url()
            + " and free ports");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
