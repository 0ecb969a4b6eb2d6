package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.TextRule;
import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Changes to the options of a job as a request gives them: a field that is absent leaves its option
 * unchanged, null makes it what a start makes of an absent one.
 */
record OptionChanges(
    Change<String> taskQueue,
    Change<Duration> scheduleToClose,
    Change<Duration> scheduleToStart,
    Change<Duration> startToClose,
    Change<Duration> heartbeat,
    Change<Duration> startDelay,
    Change<RetryPolicyChanges> retryPolicy,
    Change<PriorityChanges> priority) {

  /** Reads them; only to be used if there are no errors. */
  static OptionChanges read(Fields fields) {
    if (fields.isNull("taskQueue")) {
      fields.report(
          "taskQueue", "must be a string: a job has no task queue but the one it is given");
    }
    return new OptionChanges(
        Change.of(fields, "taskQueue", name -> fields.text(name, TextRule.IDENTIFIER)),
        Change.of(fields, "scheduleToCloseTimeout", fields::duration),
        Change.of(fields, "scheduleToStartTimeout", fields::duration),
        Change.of(fields, "startToCloseTimeout", fields::duration),
        Change.of(fields, "heartbeatTimeout", fields::duration),
        Change.of(fields, "startDelay", fields::duration),
        Change.of(fields, "retryPolicy", name -> RetryPolicyChanges.read(fields.object(name))),
        Change.of(fields, "priority", name -> PriorityChanges.read(fields.object(name))));
  }

  /** Nothing is to be changed. */
  boolean isEmpty() {
    return Stream.of(
            taskQueue,
            scheduleToClose,
            scheduleToStart,
            startToClose,
            heartbeat,
            startDelay,
            retryPolicy,
            priority)
        .noneMatch(Change::given);
  }

  /**
   * What the options become.
   *
   * @throws ProblemException if what is changed and what is not do not go together
   */
  AdjustableOptions applyTo(AdjustableOptions now) {
    JobOptions options = now.options();
    TaskQueue queue = now.queue();
    return new AdjustableOptions(
        new JobOptions(
            timeouts(options.timeouts()),
            retryPolicy(options.retryPolicy()),
            priority(options.priority())),
        new TaskQueue(queue.namespace(), taskQueue.or(queue.name(), queue.name())),
        startDelay.or(now.startDelay(), Duration.ZERO));
  }

  private Timeouts timeouts(Timeouts now) {
    Duration close = none(scheduleToClose.or(now.scheduleToClose()));
    Duration attempt = none(startToClose.or(now.startToClose()));
    if (close == null && attempt == null) {
      throw Problem.invalidField(
              startToClose.given() ? "startToCloseTimeout" : "scheduleToCloseTimeout",
              "must stay: a job has startToCloseTimeout, scheduleToCloseTimeout or both")
          .exception();
    }
    return OptionFields.agreeing(
        close,
        none(scheduleToStart.or(now.scheduleToStart())),
        attempt,
        none(heartbeat.or(now.heartbeat())));
  }

  private RetryPolicy retryPolicy(RetryPolicy now) {
    if (!retryPolicy.given()) {
      return now;
    }
    RetryPolicyChanges changes = retryPolicy.value();
    return changes == null ? RetryPolicy.DEFAULT : changes.applyTo(now);
  }

  private Priority priority(Priority now) {
    if (!priority.given()) {
      return now;
    }
    PriorityChanges changes = priority.value();
    return changes == null ? Priority.DEFAULT : changes.applyTo(now);
  }

  private static @Nullable Duration none(@Nullable Duration timeout) {
    return timeout == null || timeout.isZero() ? null : timeout;
  }
}
