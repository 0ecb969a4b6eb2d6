package dev.postrider.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;

/** What is to change about an open job; what is not named stays as it is. */
public final class OptionsUpdate {
  private final ObjectNode fields;

  private OptionsUpdate(ObjectNode fields) {
    this.fields = fields;
  }

  public static Builder newBuilder() {
    return new Builder();
  }

  /** Undoes every change since the start. */
  public static OptionsUpdate restoreOriginal() {
    return new OptionsUpdate(Json.object().put("restoreOriginal", true));
  }

  ObjectNode body() {
    return fields.deepCopy();
  }

  /** Makes an {@link OptionsUpdate}. Durations are whole milliseconds. */
  public static final class Builder {
    private final ObjectNode fields = Json.object();

    private Builder() {}

    public Builder taskQueue(String queue) {
      fields.put("taskQueue", queue);
      return this;
    }

    /** Zero = none. */
    public Builder scheduleToCloseTimeout(Duration timeout) {
      return put("scheduleToCloseTimeout", timeout);
    }

    public Builder scheduleToStartTimeout(Duration timeout) {
      return put("scheduleToStartTimeout", timeout);
    }

    public Builder startToCloseTimeout(Duration timeout) {
      return put("startToCloseTimeout", timeout);
    }

    public Builder heartbeatTimeout(Duration timeout) {
      return put("heartbeatTimeout", timeout);
    }

    public Builder retryPolicy(RetryPolicy policy) {
      fields.set("retryPolicy", WireFormat.retryPolicy(policy));
      return this;
    }

    public Builder priority(Priority priority) {
      fields.set("priority", WireFormat.priority(priority));
      return this;
    }

    /** Counted from the start; only before the first dispatch. */
    public Builder startDelay(Duration delay) {
      return put("startDelay", delay);
    }

    /**
     * Gives options the values back that they have where a start does not name them.
     *
     * @param names as in the API: {@code heartbeatTimeout}
     */
    public Builder toDefault(String... names) {
      for (String name : names) {
        fields.putNull(name);
      }
      return this;
    }

    public OptionsUpdate build() {
      return new OptionsUpdate(fields.deepCopy());
    }

    private Builder put(String name, Duration duration) {
      WireFormat.put(fields, name, duration);
      return this;
    }
  }
}
