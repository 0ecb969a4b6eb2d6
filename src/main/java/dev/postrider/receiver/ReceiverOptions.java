package dev.postrider.receiver;

/**
 * Settings of a receiver.
 *
 * @param host address or name to listen on
 * @param port port to listen on, 0 for any free one
 * @param limits bounds on what it takes and keeps
 */
record ReceiverOptions(String host, int port, Limits limits) {

  static final String DEFAULT_HOST = "127.0.0.1";
  static final int DEFAULT_PORT = 9000;

  ReceiverOptions {
    if (host.isBlank()) {
      throw new IllegalArgumentException("host must not be empty");
    }
    between("port", port, 0, 65_535);
  }

  /**
   * Bounds on what a receiver takes and keeps. What goes beyond a bound is forgotten, the oldest
   * first; the counts go on.
   *
   * @param deliveries deliveries kept for {@code GET /_received}
   * @param characters characters of bodies and headers kept with them
   * @param keys idempotency keys remembered; a forgotten one is no longer deduped
   * @param bodyBytes the largest request body taken; a larger one is answered with 413
   * @param behaviours behaviours that may wait for their turn
   */
  record Limits(int deliveries, long characters, int keys, int bodyBytes, int behaviours) {

    /** Enough for a load of 10,000 events, in well under 200 MiB. */
    static final Limits DEFAULT = new Limits(10_000, 32L << 20, 100_000, 2 << 20, 1_000);

    Limits {
      between("deliveries kept", deliveries, 0, 10_000_000);
      between("characters kept", characters, 0, 8L << 30);
      between("keys remembered", keys, 1, 10_000_000);
      between("body limit", bodyBytes, 1, 256 << 20);
      between("behaviours", behaviours, 1, 1_000_000);
    }

    Limits withDeliveries(int kept) {
      return new Limits(kept, characters, keys, bodyBytes, behaviours);
    }

    Limits withKeys(int remembered) {
      return new Limits(deliveries, characters, remembered, bodyBytes, behaviours);
    }

    Limits withBodyBytes(int largest) {
      return new Limits(deliveries, characters, keys, largest, behaviours);
    }
  }

  private static void between(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be between " + least + " and " + most + ": " + value);
    }
  }
}
