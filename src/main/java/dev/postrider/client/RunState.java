package dev.postrider.client;

import java.util.Locale;

/** Where an open job is. */
public enum RunState {
  /** Waits for its start time, its turn or the end of a back-off. */
  SCHEDULED,
  /** A worker holds it. */
  STARTED,
  /** A worker holds it, and is to end it. */
  CANCEL_REQUESTED,
  PAUSED,
  /** A worker holds it; it will not be tried again until it is unpaused. */
  PAUSE_REQUESTED;

  /** As the API writes it. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
