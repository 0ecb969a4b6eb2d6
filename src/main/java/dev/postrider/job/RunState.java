package dev.postrider.job;

import java.util.Locale;

/** Where an open job is. */
public enum RunState {
  SCHEDULED,
  STARTED,
  CANCEL_REQUESTED,
  PAUSED,
  PAUSE_REQUESTED;

  /** The word in JSON: {@code cancel_requested}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
