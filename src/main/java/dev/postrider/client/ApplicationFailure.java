package dev.postrider.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a handler to say how its attempt has failed and whether another one makes sense. Any
 * other exception counts as a retryable failure whose type is the name of its class.
 */
public final class ApplicationFailure extends RuntimeException {
  private final String type;
  private final boolean nonRetryable;
  private final @Nullable Duration nextRetryDelay;
  private final @Nullable Object details;

  private ApplicationFailure(Builder builder) {
    super(builder.message, builder.cause);
    this.type = builder.type;
    this.nonRetryable = builder.nonRetryable;
    this.nextRetryDelay = builder.nextRetryDelay;
    this.details = builder.details;
  }

  /** A failure after which the job is tried again as its retry policy says. */
  public static ApplicationFailure retryable(String type, String message) {
    return newBuilder(type, message).build();
  }

  /** A failure that ends the job. */
  public static ApplicationFailure nonRetryable(String type, String message) {
    return newBuilder(type, message).nonRetryable(true).build();
  }

  /**
   * @param type what the retry policy's {@code nonRetryableErrorTypes} is matched against, exactly;
   *     1 to 1000 bytes
   * @param message for humans
   */
  public static Builder newBuilder(String type, String message) {
    return new Builder(type, message);
  }

  public String type() {
    return type;
  }

  public boolean isNonRetryable() {
    return nonRetryable;
  }

  /** Replaces the policy's interval for the next attempt only; null = the policy's. */
  public @Nullable Duration nextRetryDelay() {
    return nextRetryDelay;
  }

  /** Kept with the failure; any value that can be written as JSON. */
  public @Nullable Object details() {
    return details;
  }

  /** Makes an {@link ApplicationFailure}. */
  public static final class Builder {
    private final String type;
    private final String message;
    private boolean nonRetryable;
    private @Nullable Duration nextRetryDelay;
    private @Nullable Object details;
    private @Nullable Throwable cause;

    private Builder(String type, String message) {
      this.type = type;
      this.message = message;
    }

    /** Whether the job ends with this failure, whatever its retry policy says; false by default. */
    public Builder nonRetryable(boolean nonRetryable) {
      this.nonRetryable = nonRetryable;
      return this;
    }

    /** When to try again, in place of the policy's interval, for the next attempt only. */
    public Builder nextRetryDelay(Duration nextRetryDelay) {
      this.nextRetryDelay = nextRetryDelay;
      return this;
    }

    /** Any value that can be written as JSON. */
    public Builder details(@Nullable Object details) {
      this.details = details;
      return this;
    }

    /** The failure behind this one. */
    public Builder cause(@Nullable Throwable cause) {
      this.cause = cause;
      return this;
    }

    public ApplicationFailure build() {
      return new ApplicationFailure(this);
    }
  }
}
