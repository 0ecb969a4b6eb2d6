package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.job.Durations;
import dev.postrider.job.RetryPolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes to members of a retry policy, each on its own. */
record RetryPolicyChanges(
    Change<Duration> initialInterval,
    Change<Double> backoffCoefficient,
    Change<Duration> maximumInterval,
    Change<Long> maximumAttempts,
    Change<List<String>> nonRetryableErrorTypes,
    Change<Double> jitter) {

  static @Nullable RetryPolicyChanges read(@Nullable Fields fields) {
    if (fields == null) {
      return null;
    }
    RetryPolicyChanges changes =
        new RetryPolicyChanges(
            Change.of(fields, "initialInterval", name -> OptionFields.interval(fields, name)),
            Change.of(fields, "backoffCoefficient", name -> OptionFields.coefficient(fields, name)),
            Change.of(fields, "maximumInterval", name -> OptionFields.interval(fields, name)),
            Change.of(fields, "maximumAttempts", name -> OptionFields.attempts(fields, name)),
            Change.of(
                fields, "nonRetryableErrorTypes", name -> OptionFields.errorTypes(fields, name)),
            Change.of(fields, "jitter", name -> OptionFields.jitter(fields, name)));
    fields.end();
    return changes;
  }

  RetryPolicy applyTo(RetryPolicy now) {
    RetryPolicy otherwise = RetryPolicy.DEFAULT;
    Duration first = initialInterval.or(now.initialInterval(), otherwise.initialInterval());
    Duration longest = maximumInterval.or(now.maximumInterval(), OptionFields.hundredfold(first));
    int attempts =
        maximumAttempts
            .or((long) now.maximumAttempts(), (long) otherwise.maximumAttempts())
            .intValue();
    if (longest.compareTo(first) < 0) {
      // A job that is tried once has no interval that could be wrong.
      if (attempts != 1) {
        throw Problem.invalidField(
                "retryPolicy.maximumInterval",
                "must be at least initialInterval ("
                    + Durations.format(first)
                    + "), not "
                    + Durations.format(longest))
            .exception();
      }
      longest = first;
    }
    return new RetryPolicy(
        first,
        backoffCoefficient.or(now.backoffCoefficient(), otherwise.backoffCoefficient()),
        longest,
        attempts,
        nonRetryableErrorTypes.or(now.nonRetryableErrorTypes(), otherwise.nonRetryableErrorTypes()),
        jitter.or(now.jitter(), otherwise.jitter()));
  }
}
