package dev.postrider.client;

import java.util.Locale;

/** How an attempt has ended. */
public enum AttemptOutcome {
  COMPLETED,
  FAILED,
  CANCELED,
  TERMINATED,
  START_TO_CLOSE_TIMEOUT,
  HEARTBEAT_TIMEOUT,
  SCHEDULE_TO_CLOSE_TIMEOUT,
  /** Given back by its worker; it cost no attempt. */
  HANDED_BACK;

  /** As the API writes it. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
