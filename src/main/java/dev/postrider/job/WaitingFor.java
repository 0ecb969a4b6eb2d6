package dev.postrider.job;

import java.util.Locale;

/**
 * What a scheduled job waits for: its first moment, its turn in the task queue, or the end of a
 * back-off.
 */
public enum WaitingFor {
  START_TIME,
  TURN,
  BACKOFF;

  /** The word in JSON: {@code start_time}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
