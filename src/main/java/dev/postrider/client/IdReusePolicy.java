package dev.postrider.client;

import java.util.Locale;

/** What a start does when the latest run of its id is closed, for as long as that is kept. */
public enum IdReusePolicy {
  /** Start a new run. */
  ALLOW_DUPLICATE,
  /** Start a new run unless the latest one has completed. */
  ALLOW_DUPLICATE_FAILED_ONLY,
  /** Refuse it with {@link JobAlreadyStartedException}. */
  REJECT_DUPLICATE,
  /** Answer with the closed run and its outcome. */
  RETURN_EXISTING;

  /** As the API writes it. */
  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
