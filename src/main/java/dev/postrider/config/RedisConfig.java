package dev.postrider.config;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * The Redis that holds the jobs.
 *
 * @param url where it is: {@code redis://}, {@code rediss://} or {@code unix://}; empty for one
 *     that the service runs itself in the data directory
 * @param binary the server program to run then; empty for a search
 * @param commandTimeout how long an answer may take before the connection is given up
 * @param maxInFlight how many commands of one connection may wait for their answers; further ones
 *     are refused at once
 */
public record RedisConfig(String url, String binary, Duration commandTimeout, int maxInFlight) {

  /** Nothing to install for a first try. */
  public static final String DEFAULT_URL = "";

  /** The installed program is found without being named. */
  public static final String DEFAULT_BINARY = "";

  /** A thousand times what a healthy Redis takes, so that only a hung one is given up. */
  public static final Duration DEFAULT_COMMAND_TIMEOUT = Duration.ofSeconds(5);

  /** Throughput peaks at 64 to 256 commands in flight; beyond this, waiting only adds latency. */
  public static final int DEFAULT_MAX_IN_FLIGHT = 4096;

  public static final RedisConfig DEFAULT =
      new RedisConfig(DEFAULT_URL, DEFAULT_BINARY, DEFAULT_COMMAND_TIMEOUT, DEFAULT_MAX_IN_FLIGHT);

  private static final Pattern USER_INFO = Pattern.compile("//([^:@/?]*):.*@");
  private static final Pattern PARAMETER = Pattern.compile("([?&]password=)[^&]*");

  public RedisConfig {
    Rules.inRange(
        "redis.commandTimeout", commandTimeout, Duration.ofMillis(100), Duration.ofMinutes(5));
    Rules.inRange("redis.maxInFlight", maxInFlight, 1, 1_000_000);
  }

  /** Whether the service runs its own. */
  public boolean isEmbedded() {
    return url.isEmpty();
  }

  /** The URL as it may be shown: with stars for a password. */
  public String maskedUrl() {
    return mask(url);
  }

  /** A Redis URL as it may be shown: with stars for a password. */
  public static String mask(String url) {
    String masked = USER_INFO.matcher(url).replaceFirst("//$1:****@");
    return PARAMETER.matcher(masked).replaceAll("$1****");
  }

  @Override
  public String toString() {
    return "RedisConfig[url=%s, binary=%s, commandTimeout=%s, maxInFlight=%d]"
        .formatted(maskedUrl(), binary, commandTimeout, maxInFlight);
  }
}
