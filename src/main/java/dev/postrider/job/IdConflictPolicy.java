package dev.postrider.job;

import java.util.Locale;

/** What a start does when the latest run of its id is open. */
public enum IdConflictPolicy {
  FAIL,
  USE_EXISTING,
  TERMINATE_EXISTING;

  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
