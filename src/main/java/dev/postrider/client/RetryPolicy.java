package dev.postrider.client;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When a failed attempt is tried again: after {@code initialInterval × backoffCoefficient^(n−1)}
 * for the n-th failure, at most {@code maximumInterval}, times a random factor in [1 − jitter, 1 +
 * jitter].
 *
 * @param initialInterval whole milliseconds, at least 1 ms
 * @param backoffCoefficient 1 to 1000
 * @param maximumInterval at least {@code initialInterval}; null = 100 times that
 * @param maximumAttempts attempts in all, the first included; 0 = no limit
 * @param nonRetryableErrorTypes failure types that end the job, matched exactly
 * @param jitter 0 to 1
 */
public record RetryPolicy(
    Duration initialInterval,
    double backoffCoefficient,
    @Nullable Duration maximumInterval,
    int maximumAttempts,
    List<String> nonRetryableErrorTypes,
    double jitter) {

  /** 1 s, doubled up to 100 s, without end. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(Duration.ofSeconds(1), 2, null, 0, List.of(), 0);

  /** One attempt and no other. */
  public static final RetryPolicy NONE = DEFAULT.withMaximumAttempts(1);

  public RetryPolicy {
    nonRetryableErrorTypes = List.copyOf(nonRetryableErrorTypes);
  }

  public RetryPolicy withInitialInterval(Duration interval) {
    return new RetryPolicy(
        interval,
        backoffCoefficient,
        maximumInterval,
        maximumAttempts,
        nonRetryableErrorTypes,
        jitter);
  }

  public RetryPolicy withBackoffCoefficient(double coefficient) {
    return new RetryPolicy(
        initialInterval,
        coefficient,
        maximumInterval,
        maximumAttempts,
        nonRetryableErrorTypes,
        jitter);
  }

  public RetryPolicy withMaximumInterval(@Nullable Duration interval) {
    return new RetryPolicy(
        initialInterval,
        backoffCoefficient,
        interval,
        maximumAttempts,
        nonRetryableErrorTypes,
        jitter);
  }

  public RetryPolicy withMaximumAttempts(int attempts) {
    return new RetryPolicy(
        initialInterval,
        backoffCoefficient,
        maximumInterval,
        attempts,
        nonRetryableErrorTypes,
        jitter);
  }

  public RetryPolicy withNonRetryableErrorTypes(String... types) {
    return new RetryPolicy(
        initialInterval,
        backoffCoefficient,
        maximumInterval,
        maximumAttempts,
        List.of(types),
        jitter);
  }

  public RetryPolicy withJitter(double jitter) {
    return new RetryPolicy(
        initialInterval,
        backoffCoefficient,
        maximumInterval,
        maximumAttempts,
        nonRetryableErrorTypes,
        jitter);
  }
}
