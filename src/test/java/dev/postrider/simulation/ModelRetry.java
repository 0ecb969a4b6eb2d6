package dev.postrider.simulation;

import dev.postrider.job.Failure;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.RetryState;
import dev.postrider.job.RunState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Whether and when a failed attempt is tried again: the decision in its one order. */
final class ModelRetry {
  private ModelRetry() {}

  /** How the interval before the next attempt comes about. */
  enum Interval {
    POLICY,
    NONE
  }

  /**
   * What follows a failed attempt: an end, or the range in which the next attempt must be due.
   *
   * @param end why it is not tried again; null = it is
   * @param from the earliest moment of the next attempt
   * @param to the latest; past {@code from} only with jitter
   */
  record Decision(@Nullable RetryState end, long from, long to) {
    static Decision end(RetryState why) {
      return new Decision(why, 0, 0);
    }
  }

  static Decision decide(ModelRun run, Failure failure, Interval interval, long now) {
    RetryPolicy policy = run.options.retryPolicy();
    if (run.runState == RunState.CANCEL_REQUESTED) {
      return Decision.end(RetryState.CANCEL_REQUESTED);
    }
    if (failure.nonRetryable() || policy.nonRetryableErrorTypes().contains(failure.type())) {
      return Decision.end(RetryState.NON_RETRYABLE_FAILURE);
    }
    if (policy.maximumAttempts() > 0 && run.attempt >= policy.maximumAttempts()) {
      return Decision.end(RetryState.MAXIMUM_ATTEMPTS_REACHED);
    }
    long from = now;
    long to = now;
    Duration asked = failure.nextRetryDelay();
    if (interval == Interval.POLICY && asked != null && !asked.isZero()) {
      from = now + asked.toMillis();
      to = from;
    } else if (interval == Interval.POLICY) {
      from = now + shortest(policy, run.attempt);
      to = now + longest(policy, run.attempt);
    }
    return from >= run.expiresAt ? Decision.end(RetryState.TIMEOUT) : new Decision(null, from, to);
  }

  /** The least that the interval after the n-th attempt may be with jitter, in milliseconds. */
  static long shortest(RetryPolicy policy, int n) {
    return (long) Math.floor(intervalMillis(policy, n) * (1 - policy.jitter()) + 0.5 - 1e-6);
  }

  /** The most that it may be. */
  static long longest(RetryPolicy policy, int n) {
    return (long) Math.floor(intervalMillis(policy, n) * (1 + policy.jitter()) + 0.5 + 1e-6);
  }

  /** The interval after the n-th attempt, before jitter, in milliseconds. */
  static double intervalMillis(RetryPolicy policy, int n) {
    double interval =
        policy.initialInterval().toMillis() * Math.pow(policy.backoffCoefficient(), n - 1.0);
    return Math.min(interval, (double) policy.maximumInterval().toMillis());
  }
}
