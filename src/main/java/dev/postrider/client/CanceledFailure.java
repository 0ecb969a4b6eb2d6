package dev.postrider.client;

import org.jspecify.annotations.Nullable;

/**
 * Ends an attempt because the cancellation of its job was requested. Thrown by {@link
 * TaskContext#heartbeat} when that is so; a handler that lets it pass, or throws one itself, ends
 * its job as canceled.
 */
public final class CanceledFailure extends RuntimeException {
  private final @Nullable Object details;

  public CanceledFailure() {
    this(null);
  }

  /**
   * @param details kept with the job, about what was left undone; any value that can be written as
   *     JSON
   */
  public CanceledFailure(@Nullable Object details) {
    super("the cancellation of the job was requested");
    this.details = details;
  }

  public @Nullable Object details() {
    return details;
  }
}
