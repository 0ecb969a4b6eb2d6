package dev.postrider.config;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/**
 * The built-in worker that delivers webhooks.
 *
 * @param allowedNetworks {@code auto} alone, or the special networks (CIDR) that may be delivered
 *     to
 * @param taskQueues the task queues it serves, in every namespace; none for no worker on this node
 * @param maxInFlight how many deliveries this node has under way at most
 * @param maxInFlightPerDestination how many of them one destination may hold; 0 for an eighth
 * @param maxResponseBytes how much of an answer's body is kept, in bytes
 * @param connectTimeout how long connecting may take, TLS included
 * @param keepAlive how long an idle connection to a receiver is kept for its next delivery
 * @param maxRetryAfter the longest wait that a receiver's {@code Retry-After} can ask for
 * @param shutdownGrace how long a stopping node waits for what is under way
 */
public record DeliveryConfig(
    List<String> allowedNetworks,
    List<String> taskQueues,
    int maxInFlight,
    int maxInFlightPerDestination,
    int maxResponseBytes,
    Duration connectTimeout,
    Duration keepAlive,
    Duration maxRetryAfter,
    Duration shutdownGrace) {

  /** The value of {@code allowedNetworks} that decides by where the API listens. */
  public static final String AUTO = "auto";

  /**
   * Loopback receivers work in a first try and are closed to the world once the API is open to it.
   */
  public static final List<String> DEFAULT_ALLOWED_NETWORKS = List.of(AUTO);

  /** The queue that POST /v1/webhooks fills unless told otherwise. */
  public static final List<String> DEFAULT_TASK_QUEUES = List.of("webhooks");

  /** At 50 ms an answer that is five thousand deliveries a second, and within 1024 open files. */
  public static final int DEFAULT_MAX_IN_FLIGHT = 256;

  /** An eighth: eight hanging destinations are needed to hold everything up. */
  public static final int DEFAULT_MAX_IN_FLIGHT_PER_DESTINATION = 0;

  /** An error page's beginning, which is where it says what is wrong. */
  public static final int DEFAULT_MAX_RESPONSE_BYTES = 16 * 1024;

  /** A third of the fifteen seconds that one attempt has by default. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Below the five seconds after which common servers close: a POST must not meet the closing. */
  public static final Duration DEFAULT_KEEP_ALIVE = Duration.ofSeconds(4);

  /** A typing error in one header must not put a job off for years. */
  public static final Duration DEFAULT_MAX_RETRY_AFTER = Duration.ofHours(24);

  /** What orchestrators leave of their thirty seconds after they stopped sending requests. */
  public static final Duration DEFAULT_SHUTDOWN_GRACE = Duration.ofSeconds(10);

  public static final DeliveryConfig DEFAULT =
      new DeliveryConfig(
          DEFAULT_ALLOWED_NETWORKS,
          DEFAULT_TASK_QUEUES,
          DEFAULT_MAX_IN_FLIGHT,
          DEFAULT_MAX_IN_FLIGHT_PER_DESTINATION,
          DEFAULT_MAX_RESPONSE_BYTES,
          DEFAULT_CONNECT_TIMEOUT,
          DEFAULT_KEEP_ALIVE,
          DEFAULT_MAX_RETRY_AFTER,
          DEFAULT_SHUTDOWN_GRACE);

  private static final int MOST_IN_FLIGHT = 100_000;
  private static final int LONGEST_QUEUE_NAME = 1_000;

  public DeliveryConfig {
    allowedNetworks = List.copyOf(allowedNetworks);
    taskQueues = List.copyOf(taskQueues);
    requireNetworks(allowedNetworks);
    requireQueueNames(taskQueues);
    Rules.inRange("delivery.maxInFlight", maxInFlight, 1, MOST_IN_FLIGHT);
    Rules.inRange(
        "delivery.maxInFlightPerDestination", maxInFlightPerDestination, 0, MOST_IN_FLIGHT);
    Rules.inRange("delivery.maxResponseBytes", maxResponseBytes, 0, Rules.MIB);
    Rules.inRange(
        "delivery.connectTimeout", connectTimeout, Duration.ofMillis(10), Duration.ofMinutes(10));
    Rules.inRange("delivery.keepAlive", keepAlive, Duration.ofSeconds(1), Duration.ofHours(1));
    Rules.inRange(
        "delivery.maxRetryAfter", maxRetryAfter, Duration.ofSeconds(1), Duration.ofDays(365));
    Rules.inRange("delivery.shutdownGrace", shutdownGrace, Duration.ZERO, Duration.ofHours(1));
  }

  /** Whether what may be delivered to follows from where the API listens. */
  public boolean decidesNetworksItself() {
    return allowedNetworks.equals(DEFAULT_ALLOWED_NETWORKS);
  }

  /** How many deliveries one destination may hold, with the default worked out. */
  public int perDestination() {
    return maxInFlightPerDestination > 0 ? maxInFlightPerDestination : Math.max(1, maxInFlight / 8);
  }

  private static void requireNetworks(List<String> networks) {
    if (networks.contains(AUTO) && networks.size() > 1) {
      throw Rules.refuse(
          "delivery.allowedNetworks", "must be auto alone or a list of networks", networks);
    }
    for (String network : networks) {
      if (!network.equals(AUTO) && !network.matches("[0-9a-fA-F.:]+(/\\d{1,3})?")) {
        throw Rules.refuse(
            "delivery.allowedNetworks", "must be auto or networks such as 10.0.0.0/8", network);
      }
    }
  }

  private static void requireQueueNames(List<String> names) {
    if (new HashSet<>(names).size() != names.size()) {
      throw Rules.refuse("delivery.taskQueues", "must name each queue once", names);
    }
    for (String name : names) {
      int bytes = name.getBytes(StandardCharsets.UTF_8).length;
      boolean printable = name.chars().noneMatch(Character::isISOControl);
      boolean dots = name.equals(".") || name.equals("..");
      if (bytes == 0 || bytes > LONGEST_QUEUE_NAME || !printable || dots) {
        throw Rules.refuse(
            "delivery.taskQueues",
            "must be names of 1 to 1000 bytes without control characters",
            '"' + name + '"');
      }
    }
  }
}
