package dev.postrider.client;

import org.jspecify.annotations.Nullable;

/** A job whose result was asked for has ended without one. */
public final class JobFailedException extends PostriderException {
  private final String id;
  private final String runId;
  private final JobStatus status;
  private final @Nullable JobFailure failure;

  JobFailedException(String id, String runId, JobStatus status, @Nullable JobFailure failure) {
    super(
        "job " + id + " " + status.wireName() + (failure == null ? "" : ": " + failure.summary()),
        null);
    this.id = id;
    this.runId = runId;
    this.status = status;
    this.failure = failure;
  }

  public String id() {
    return id;
  }

  public String runId() {
    return runId;
  }

  /** {@code FAILED}, {@code TIMED_OUT}, {@code CANCELED} or {@code TERMINATED}. */
  public JobStatus status() {
    return status;
  }

  /** Why; null where nobody has said. */
  public @Nullable JobFailure failure() {
    return failure;
  }
}
