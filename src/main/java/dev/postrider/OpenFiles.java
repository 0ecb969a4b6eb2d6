package dev.postrider;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.postrider.config.LimitsConfig;
import dev.postrider.config.PostriderConfig;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node may hold open at once, against what the system lets it. Each call that waits and
 * each stream is a connection, and past the limit nobody can connect any more, whoever has room
 * under {@code limits}. A node that may never get there runs well all the same: so it is said, not
 * refused.
 *
 * @param polls parked polls
 * @param waiters calls that wait for a job's end
 * @param streams event streams
 * @param deliveries connections to receivers
 * @param allowed open files of this process; the JVM raises its soft limit to the hard one
 */
record OpenFiles(int polls, int waiters, int streams, int deliveries, long allowed) {
  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

  /** Redis, the listeners, requests under way, logs and the program itself. */
  private static final int BESIDE = 500;

  static OpenFiles of(PostriderConfig config, long allowed) {
    LimitsConfig limits = config.limits();
    return new OpenFiles(
        limits.maxParkedPolls(),
        limits.maxResultWaiters(),
        limits.maxStreams(),
        config.delivery().taskQueues().isEmpty() ? 0 : config.delivery().maxInFlight(),
        allowed);
  }

  /** How many files this process may have open; as good as any number where nobody says. */
  static long allowedHere() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }

  void say() {
    if (suffices()) {
      LOG.info(sentence());
    } else {
      LOG.warn(sentence());
    }
  }

  boolean suffices() {
    return needed() <= allowed;
  }

  /** Both numbers, and what to do where they do not agree. */
  String sentence() {
    String held =
        needed()
            + " (parked polls "
            + polls
            + ", waiting calls "
            + waiters
            + ", streams "
            + streams
            + ", deliveries "
            + deliveries
            + ", "
            + BESIDE
            + " beside)";
    if (suffices()) {
      return "open files: " + allowed + " allowed, at most " + held + " needed";
    }
    return "open files: only "
        + allowed
        + " allowed, and up to "
        + held
        + " needed; when they run out, nobody can connect. Raise the limit (ulimit -n "
        + needed()
        + ", LimitNOFILE= of systemd, --ulimit nofile= of docker) or lower limits.maxParkedPolls,"
        + " limits.maxResultWaiters or limits.maxStreams";
  }

  private long needed() {
    return (long) polls + waiters + streams + deliveries + BESIDE;
  }
}
