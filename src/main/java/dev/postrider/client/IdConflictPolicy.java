package dev.postrider.client;

import java.util.Locale;

/** What a start does when the latest run of its id is open. */
public enum IdConflictPolicy {
  /** Refuse it with {@link JobAlreadyStartedException}. */
  FAIL,
  /** Answer with that run. */
  USE_EXISTING,
  /** Terminate it and start a new one, in one step. */
  TERMINATE_EXISTING;

  /** As the API writes it. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
