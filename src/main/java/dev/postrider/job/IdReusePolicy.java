package dev.postrider.job;

import java.util.Locale;

/** What a start does when the latest run of its id is closed. */
public enum IdReusePolicy {
  ALLOW_DUPLICATE,
  ALLOW_DUPLICATE_FAILED_ONLY,
  REJECT_DUPLICATE,
  RETURN_EXISTING;

  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
