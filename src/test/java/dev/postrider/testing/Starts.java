package dev.postrider.testing;

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
import org.jspecify.annotations.Nullable;

/** Builds starts for tests: {@code Starts.job("a").on("mail").build()}. */
public final class Starts {
  private JobKey key;
  private String type = "send-email";
  private String queue = "mail";
  private String destination = "";
  private Timeouts timeouts = new Timeouts(null, null, Duration.ofSeconds(10), null);
  private RetryPolicy retryPolicy = RetryPolicy.DEFAULT;
  private Priority priority = Priority.DEFAULT;
  private @Nullable Buffer input = Buffer.buffer("{\"to\":\"ada@example.org\"}");
  private StartPolicies policies = StartPolicies.DEFAULT;
  private StartTime startTime = StartTime.NOW;
  private boolean paused;
  private @Nullable String requestId;

  private Starts(JobKey key) {
    this.key = key;
  }

  public static Starts job(String id) {
    return new Starts(new JobKey("default", id));
  }

  public Starts in(String namespace) {
    key = new JobKey(namespace, key.id());
    return this;
  }

  public Starts type(String value) {
    type = value;
    return this;
  }

  public Starts on(String value) {
    queue = value;
    return this;
  }

  public Starts to(String value) {
    destination = value;
    return this;
  }

  public Starts timeouts(Timeouts value) {
    timeouts = value;
    return this;
  }

  public Starts retry(RetryPolicy value) {
    retryPolicy = value;
    return this;
  }

  public Starts priority(int priorityKey) {
    priority = new Priority(priorityKey, priority.fairnessKey(), priority.fairnessWeight());
    return this;
  }

  public Starts fairness(String fairnessKey, double weight) {
    priority = new Priority(priority.priorityKey(), fairnessKey, weight);
    return this;
  }

  public Starts input(@Nullable Buffer value) {
    input = value;
    return this;
  }

  public Starts policies(StartPolicies value) {
    policies = value;
    return this;
  }

  public Starts at(StartTime value) {
    startTime = value;
    return this;
  }

  public Starts paused() {
    paused = true;
    return this;
  }

  public Starts requestId(String value) {
    requestId = value;
    return this;
  }

  public StartRequest build() {
    return new StartRequest(
        key,
        type,
        queue,
        destination,
        new JobOptions(timeouts, retryPolicy, priority),
        new JobContent(input, null, null, null),
        policies,
        startTime,
        paused,
        requestId);
  }
}
