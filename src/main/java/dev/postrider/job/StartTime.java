package dev.postrider.job;

import java.time.Duration;
import java.time.Instant;

/** When a started job is first dispatched. */
public sealed interface StartTime {
  /** At once. */
  record Now() implements StartTime {}

  /** After {@code delay}, at least 1 ms, counted by Redis's clock from the start. */
  record After(Duration delay) implements StartTime {}

  /** At {@code instant}; one in the past is at once. */
  record At(Instant instant) implements StartTime {}

  StartTime NOW = new Now();
}
