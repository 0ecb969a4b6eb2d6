package dev.postrider.config;

/**
 * The API's listener.
 *
 * @param host the address it listens on
 * @param port its port; 0 for any free one
 * @param eventLoops how many event loops serve it; 0 for one per core, at most {@value
 *     #MOST_BY_DEFAULT}
 * @param maxBodyBytes the longest body of a request about one job, in bytes
 * @param maxBatchBodyBytes the longest body of a request about many jobs, in bytes
 */
public record HttpConfig(
    String host, int port, int eventLoops, int maxBodyBytes, int maxBatchBodyBytes) {

  /** Reachable from this machine only: there is no authentication. */
  public static final String DEFAULT_HOST = "127.0.0.1";

  /** The usual port of an HTTP service that is not the machine's only one. */
  public static final int DEFAULT_PORT = 8080;

  /** One per core, see {@link #eventLoops(int)}. */
  public static final int DEFAULT_EVENT_LOOPS = 0;

  /**
   * A value twice its limit still gets the answer that names the value, and 64 KiB remain for
   * everything else in a request.
   */
  public static final int DEFAULT_MAX_BODY_BYTES = 2 * 1024 * 1024 + 64 * 1024;

  /** A thousand jobs of 32 KiB each. */
  public static final int DEFAULT_MAX_BATCH_BODY_BYTES = 32 * 1024 * 1024;

  /** Redis is one core, and four loops are more than keep it busy. */
  public static final int MOST_BY_DEFAULT = 4;

  public static final HttpConfig DEFAULT =
      new HttpConfig(
          DEFAULT_HOST,
          DEFAULT_PORT,
          DEFAULT_EVENT_LOOPS,
          DEFAULT_MAX_BODY_BYTES,
          DEFAULT_MAX_BATCH_BODY_BYTES);

  public HttpConfig {
    Rules.notBlank("http.host", host);
    Rules.port("http.port", port);
    Rules.inRange("http.eventLoops", eventLoops, 0, 64);
    Rules.inRange("http.maxBodyBytes", maxBodyBytes, 1024, 64 * Rules.MIB);
    Rules.inRange("http.maxBatchBodyBytes", maxBatchBodyBytes, 1024, 256 * Rules.MIB);
  }

  /** How many event loops to run on a machine with so many cores. */
  public int eventLoops(int cores) {
    return eventLoops > 0 ? eventLoops : Math.max(1, Math.min(cores, MOST_BY_DEFAULT));
  }
}
