package dev.postrider.config;

/**
 * The log of job events.
 *
 * @param maxBytes how long it may grow per partition, in bytes of Redis's memory; older events go
 */
public record EventsConfig(long maxBytes) {

  /** Some fifty thousand events: minutes of a busy service, days of a quiet one. */
  public static final long DEFAULT_MAX_BYTES = 8 * Rules.MIB;

  public static final EventsConfig DEFAULT = new EventsConfig(DEFAULT_MAX_BYTES);

  public EventsConfig {
    Rules.inRange("events.maxBytes", maxBytes, 64 * 1024, 64 * 1024 * Rules.MIB);
  }
}
