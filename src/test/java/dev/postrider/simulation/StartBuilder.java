package dev.postrider.simulation;

import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.JobContent;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds starts: {@code aJob("a").on("mail").failsAfter(3).build()}. */
final class StartBuilder {
  private final JobKey key;
  private String type = "work";
  private String queue = "q";
  private String destination = "";
  private @Nullable Buffer input = Buffer.buffer("{}");
  private StartPolicies policies = StartPolicies.DEFAULT;
  private StartTime startTime = StartTime.NOW;
  private boolean paused;
  private @Nullable String requestId;
  private Priority priority = Priority.DEFAULT;
  private RetryPolicy retry = RetryPolicy.DEFAULT;
  private @Nullable Duration scheduleToClose;
  private @Nullable Duration scheduleToStart;
  private @Nullable Duration startToClose = Duration.ofSeconds(15);
  private @Nullable Duration heartbeat;

  private StartBuilder(JobKey key) {
    this.key = key;
  }

  static StartBuilder aJob(String id) {
    return aJob(new JobKey("default", id));
  }

  static StartBuilder aJob(JobKey key) {
    return new StartBuilder(key);
  }

  StartBuilder type(String value) {
    type = value;
    return this;
  }

  StartBuilder on(String value) {
    queue = value;
    return this;
  }

  StartBuilder to(String value) {
    destination = value;
    return this;
  }

  StartBuilder input(@Nullable String value) {
    input = value == null ? null : Buffer.buffer(value);
    return this;
  }

  StartBuilder policies(StartPolicies value) {
    policies = value;
    return this;
  }

  StartBuilder conflict(IdConflictPolicy value) {
    return policies(new StartPolicies(value, policies.reuse(), policies.rejectPayloadMismatch()));
  }

  StartBuilder reuse(IdReusePolicy value) {
    return policies(
        new StartPolicies(policies.conflict(), value, policies.rejectPayloadMismatch()));
  }

  StartBuilder startTime(StartTime value) {
    startTime = value;
    return this;
  }

  StartBuilder delayed(Duration value) {
    return startTime(new StartTime.After(value));
  }

  StartBuilder paused(boolean value) {
    paused = value;
    return this;
  }

  StartBuilder requestId(@Nullable String value) {
    requestId = value;
    return this;
  }

  StartBuilder priority(int priorityKey, String fairnessKey, double weight) {
    priority = new Priority(priorityKey, fairnessKey, weight);
    return this;
  }

  StartBuilder retry(RetryPolicy value) {
    retry = value;
    return this;
  }

  /** Retries after 1 s, doubled up to 100 s, this often in all. */
  StartBuilder maximumAttempts(int value) {
    return retry(withAttempts(value, List.of(), 0));
  }

  StartBuilder nonRetryable(String... types) {
    return retry(withAttempts(0, List.of(types), 0));
  }

  StartBuilder jitter(double value) {
    return retry(withAttempts(0, List.of(), value));
  }

  private static RetryPolicy withAttempts(int attempts, List<String> types, double jitter) {
    return new RetryPolicy(
        Duration.ofSeconds(1), 2, Duration.ofSeconds(100), attempts, types, jitter);
  }

  StartBuilder timeouts(Timeouts value) {
    scheduleToClose = value.scheduleToClose();
    scheduleToStart = value.scheduleToStart();
    startToClose = value.startToClose();
    heartbeat = value.heartbeat();
    return this;
  }

  StartBuilder scheduleToClose(@Nullable Duration value) {
    scheduleToClose = value;
    return this;
  }

  StartBuilder scheduleToStart(@Nullable Duration value) {
    scheduleToStart = value;
    return this;
  }

  StartBuilder startToClose(@Nullable Duration value) {
    startToClose = value;
    return this;
  }

  StartBuilder heartbeat(@Nullable Duration value) {
    heartbeat = value;
    return this;
  }

  StartRequest build() {
    return new StartRequest(
        key,
        type,
        queue,
        destination,
        new JobOptions(
            new Timeouts(scheduleToClose, scheduleToStart, startToClose, heartbeat),
            retry,
            priority),
        new JobContent(input, null, null, null),
        policies,
        startTime,
        paused,
        requestId);
  }
}
