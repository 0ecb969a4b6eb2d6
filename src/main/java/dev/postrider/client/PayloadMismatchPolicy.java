package dev.postrider.client;

import java.util.Locale;

/** What a start does when the run that would answer it has another type or input. */
public enum PayloadMismatchPolicy {
  /** Say nothing. */
  IGNORE,
  /** Refuse it with the code {@code payload_mismatch}. */
  REJECT;

  /** As the API writes it. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
