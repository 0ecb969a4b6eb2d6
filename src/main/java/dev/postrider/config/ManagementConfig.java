package dev.postrider.config;

/**
 * The listener for health and metrics, apart from the API's so that it can stay inside.
 *
 * @param host the address it listens on
 * @param port its port; 0 for any free one
 */
public record ManagementConfig(String host, int port) {

  /** Reachable from this machine only, as the API. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** The neighbour of the API's port. */
  public static final int DEFAULT_PORT = 8081;

  public static final ManagementConfig DEFAULT = new ManagementConfig(DEFAULT_HOST, DEFAULT_PORT);

  public ManagementConfig {
    Rules.notBlank("management.host", host);
    Rules.port("management.port", port);
  }
}
