package dev.postrider.job;

import java.time.Duration;
import java.util.List;

/**
 * When a failed attempt is tried again: after {@code initialInterval × backoffCoefficient^(n−1)}
 * for the n-th failure, at most {@code maximumInterval}, times a random factor in [1 − jitter, 1 +
 * jitter]. Policy is data here; the decision is made in {@code lua/lib/retry.lua}.
 *
 * @param initialInterval whole milliseconds, at least 1 ms
 * @param backoffCoefficient at least 1, kept in thousandths
 * @param maximumInterval at least {@code initialInterval}
 * @param maximumAttempts attempts in all, the first included; 0 = no limit
 * @param nonRetryableErrorTypes failure types that end the job, matched exactly
 * @param jitter 0–1, kept in thousandths
 */
public record RetryPolicy(
    Duration initialInterval,
    double backoffCoefficient,
    Duration maximumInterval,
    int maximumAttempts,
    List<String> nonRetryableErrorTypes,
    double jitter) {
  /** Temporal's default policy: 1 s, doubled up to 100 s, without end. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(Duration.ofSeconds(1), 2.0, Duration.ofSeconds(100), 0, List.of(), 0);

  public RetryPolicy {
    nonRetryableErrorTypes = List.copyOf(nonRetryableErrorTypes);
  }
}
