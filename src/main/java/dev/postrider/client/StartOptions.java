package dev.postrider.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a job is to do and how it is tried. One of {@code startToCloseTimeout} and {@code
 * scheduleToCloseTimeout} is required.
 */
public final class StartOptions {
  private final String id;
  private final @Nullable Object input;
  private final ObjectNode fields;

  private StartOptions(Builder builder) {
    this.id = builder.id != null ? builder.id : UUID.randomUUID().toString();
    this.input = builder.input;
    this.fields = builder.fields.deepCopy();
  }

  /**
   * @param type what kind of work it is; a worker has a handler for it
   * @param taskQueue which workers are asked
   */
  public static Builder newBuilder(String type, String taskQueue) {
    return new Builder(type, taskQueue);
  }

  /** The job's id; a random one where none was chosen. */
  public String id() {
    return id;
  }

  /** As the API takes it, with a request id, so that it may be sent again. */
  ObjectNode body(Json json) {
    ObjectNode body = fields.deepCopy().put("id", id);
    if (!body.has("requestId")) {
      body.put("requestId", UUID.randomUUID().toString());
    }
    return json.put(body, "input", input);
  }

  /** Makes {@link StartOptions}. Durations are whole milliseconds. */
  public static final class Builder {
    private final ObjectNode fields = Json.object();
    private @Nullable String id;
    private @Nullable Object input;

    private Builder(String type, String taskQueue) {
      fields.put("type", type).put("taskQueue", taskQueue);
    }

    /**
     * The job's id, which at most one open run has: what the job is about, {@code send-receipt-17}.
     * A random one by default.
     */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** What the handler gets: any value that can be written as JSON; none by default. */
    public Builder input(@Nullable Object input) {
      this.input = input;
      return this;
    }

    /** From the first dispatch to the end of the job, over all attempts and pauses. */
    public Builder scheduleToCloseTimeout(Duration timeout) {
      return put("scheduleToCloseTimeout", timeout);
    }

    /** From the dispatch of an attempt until a worker takes it; never retried. */
    public Builder scheduleToStartTimeout(Duration timeout) {
      return put("scheduleToStartTimeout", timeout);
    }

    /** Of each attempt. */
    public Builder startToCloseTimeout(Duration timeout) {
      return put("startToCloseTimeout", timeout);
    }

    /**
     * Between two heartbeats of an attempt: a worker that is silent for longer counts as gone, and
     * the job is tried again. None by default.
     */
    public Builder heartbeatTimeout(Duration timeout) {
      return put("heartbeatTimeout", timeout);
    }

    /** {@link RetryPolicy#DEFAULT} by default. */
    public Builder retryPolicy(RetryPolicy policy) {
      fields.set("retryPolicy", WireFormat.retryPolicy(policy));
      return this;
    }

    /** {@link Priority#DEFAULT} by default. */
    public Builder priority(Priority priority) {
      fields.set("priority", WireFormat.priority(priority));
      return this;
    }

    /** {@link IdConflictPolicy#FAIL} by default. */
    public Builder idConflictPolicy(IdConflictPolicy policy) {
      return put("idConflictPolicy", policy.wireName());
    }

    /** {@link IdReusePolicy#ALLOW_DUPLICATE} by default. */
    public Builder idReusePolicy(IdReusePolicy policy) {
      return put("idReusePolicy", policy.wireName());
    }

    /** {@link PayloadMismatchPolicy#IGNORE} by default. */
    public Builder onPayloadMismatch(PayloadMismatchPolicy policy) {
      return put("onPayloadMismatch", policy.wireName());
    }

    /** How long to wait before the first dispatch; not together with {@link #startAt}. */
    public Builder startDelay(Duration delay) {
      return put("startDelay", delay);
    }

    /** When to dispatch first; at once if it is past. */
    public Builder startAt(Instant moment) {
      return put("startAt", moment.toString());
    }

    /** Whether to dispatch it only after {@link JobHandle#unpause}; false by default. */
    public Builder startPaused(boolean paused) {
      fields.put("startPaused", paused);
      return this;
    }

    /**
     * Attributes of the application's own, at most 50, by name: strings, numbers, booleans and
     * collections of strings.
     */
    public Builder searchAttributes(Map<String, ?> attributes) {
      ObjectNode node = fields.putObject("searchAttributes");
      new LinkedHashMap<String, Object>(attributes)
          .forEach(
              (name, value) -> {
                if (value instanceof Collection<?> many) {
                  many.forEach(one -> node.withArray(name).add(String.valueOf(one)));
                } else {
                  node.putPOJO(name, value);
                }
              });
      return this;
    }

    /** One line for humans, at most 400 bytes. */
    public Builder summary(String summary) {
      return put("summary", summary);
    }

    /** Text for humans, at most 20 000 bytes. */
    public Builder details(String details) {
      return put("details", details);
    }

    /**
     * At most 1000 bytes: a start that repeats the latest run's answers with that run. A random one
     * for each start by default.
     */
    public Builder requestId(String requestId) {
      return put("requestId", requestId);
    }

    /** The options; what is wrong with their values, the start will say. */
    public StartOptions build() {
      return new StartOptions(this);
    }

    private Builder put(String name, Duration duration) {
      WireFormat.put(fields, name, duration);
      return this;
    }

    private Builder put(String name, String text) {
      fields.put(name, text);
      return this;
    }
  }
}
