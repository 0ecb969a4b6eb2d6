package dev.postrider.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a job is, to its user. {@code running} and {@code paused} are open, the others closed for
 * good.
 */
public enum JobStatus {
  RUNNING("Running"),
  PAUSED("Paused"),
  COMPLETED("Completed"),
  FAILED("Failed"),
  CANCELED("Canceled"),
  TERMINATED("Terminated"),
  TIMED_OUT("TimedOut");

  private final String queryName;

  JobStatus(String queryName) {
    this.queryName = queryName;
  }

  /** The word in JSON: {@code timed_out}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The word in a list query: {@code TimedOut}. */
  public String queryName() {
    return queryName;
  }

  public boolean isOpen() {
    return this == RUNNING || this == PAUSED;
  }

  /** The status whose query name is {@code name}, case-sensitive. */
  public static Optional<JobStatus> ofQueryName(String name) {
    return Arrays.stream(values()).filter(s -> s.queryName.equals(name)).findFirst();
  }
}
