package dev.postrider.client;

import java.util.Locale;

/** Whether a job is done, and how it went. */
public enum JobStatus {
  RUNNING,
  PAUSED,
  COMPLETED,
  FAILED,
  CANCELED,
  TERMINATED,
  TIMED_OUT;

  /** Whether the job may still move. */
  public boolean isOpen() {
    return this == RUNNING || this == PAUSED;
  }

  /** As the API writes it. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
