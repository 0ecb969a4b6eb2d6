package dev.postrider.job;

import java.util.Locale;

/**
 * How an attempt ended. The two attempt timeouts are lost leases: they say nothing about the work.
 */
public enum AttemptOutcome {
  COMPLETED,
  FAILED,
  CANCELED,
  TERMINATED,
  START_TO_CLOSE_TIMEOUT,
  HEARTBEAT_TIMEOUT,
  SCHEDULE_TO_CLOSE_TIMEOUT,
  HANDED_BACK;

  /** The word in JSON: {@code heartbeat_timeout}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
