package dev.postrider.config;

import java.time.Duration;

/**
 * How long things are kept that are over.
 *
 * @param closedJobs how long a closed job can be looked at, and its id guards against a repetition
 */
public record RetentionConfig(Duration closedJobs) {

  /** A long weekend between a failure and the look at it. */
  public static final Duration DEFAULT_CLOSED_JOBS = Duration.ofDays(7);

  public static final RetentionConfig DEFAULT = new RetentionConfig(DEFAULT_CLOSED_JOBS);

  public RetentionConfig {
    Rules.inRange(
        "retention.closedJobs", closedJobs, Duration.ofSeconds(1), Duration.ofDays(3_650));
  }
}
