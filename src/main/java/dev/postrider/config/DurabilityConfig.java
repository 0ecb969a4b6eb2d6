package dev.postrider.config;

/**
 * What an accepted job must have survived to.
 *
 * @param require the least that the Redis must promise for the service to start
 */
public record DurabilityConfig(Require require) {

  /** Any: a Redis of the user's own is the user's choice, and start-up states what it promises. */
  public static final Require DEFAULT_REQUIRE = Require.ANY;

  public static final DurabilityConfig DEFAULT = new DurabilityConfig(DEFAULT_REQUIRE);

  /** A level of durability to insist on. */
  public enum Require {
    /** Whatever Redis is configured to do. */
    ANY,
    /** Every write is fsynced before it is answered. */
    FSYNC
  }
}
