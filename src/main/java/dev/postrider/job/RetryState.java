package dev.postrider.job;

import java.util.Locale;

/** Why a job that failed or timed out was not tried again. */
public enum RetryState {
  NON_RETRYABLE_FAILURE,
  TIMEOUT,
  MAXIMUM_ATTEMPTS_REACHED,
  CANCEL_REQUESTED;

  /** The word in JSON: {@code maximum_attempts_reached}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
