package dev.postrider.redis;

import dev.postrider.config.DurabilityConfig;
import dev.postrider.config.RedisConfig;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Makes the connections to the Redis at one URL. */
public final class RedisConnector {

  private static final String HINT =
      "set redis.url to redis://host:port, rediss://host:port or unix:///path, "
          + "or leave it empty for a Redis of the service's own";

  private final Vertx vertx;
  private final RedisConfig config;
  private final String url;

  /**
   * @param config what {@code redis.url} and its neighbours say
   * @throws StartupException if the URL is none that can be used
   */
  public RedisConnector(Vertx vertx, RedisConfig config) {
    this(vertx, config, config.url());
  }

  /**
   * @param url used in place of the configured one: the address of the embedded Redis
   * @throws StartupException if the URL is none that can be used
   */
  public RedisConnector(Vertx vertx, RedisConfig config, String url) {
    requireSupported(url);
    this.vertx = vertx;
    this.config = config;
    this.url = url;
  }

  /** The URL as it may be shown. */
  public String maskedUrl() {
    return RedisConfig.mask(url);
  }

  /**
   * Looks whether the store can rely on this Redis: version 7 or later, a primary of its own, never
   * evicting. Waits some seconds for one that is just starting.
   *
   * @param require the durability to insist on
   * @return what was found; fails with a {@link StartupException}
   */
  public Future<RedisStatus> check(DurabilityConfig.Require require) {
    return check(require, StartupCheck.PATIENCE);
  }

  Future<RedisStatus> check(DurabilityConfig.Require require, Duration patience) {
    return new StartupCheck(this, require, patience).run();
  }

  RedisConfig config() {
    return config;
  }

  Vertx vertx() {
    return vertx;
  }

  /** A client of its own for one connection: closing it is the only way to cut a hung one. */
  Redis client(String name) {
    int timeout = Math.toIntExact(config.commandTimeout().toMillis());
    NetClientOptions net =
        new NetClientOptions()
            .setConnectTimeout(timeout)
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setHostnameVerificationAlgorithm("HTTPS");
    // RESP2: script replies are the same bytes but for nulls, so RESP3 decodes no cheaper; and its
    // pushes take the place of answers in this client, which arrays on a subscribed link do not.
    return Redis.createClient(
        vertx,
        new RedisOptions()
            .setType(RedisClientType.STANDALONE)
            .setConnectionString(url)
            .setPreferredProtocolVersion(ProtocolVersion.RESP2)
            .setMaxPoolSize(1)
            .setMaxPoolWaiting(1)
            .setPoolCleanerInterval(-1)
            .setMaxWaitingHandlers(config.maxInFlight() + 8)
            .setPoolName(name)
            .setNetClientOptions(net));
  }

  /** Connects by a client and makes sure that writes are taken at the other end. */
  Future<RedisConnection> connect(Redis client) {
    return client
        .connect()
        .compose(connection -> greet(connection).map(connection))
        .timeout(config.commandTimeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * A server that loads its data takes connections, but only a PING tells; a replica takes both.
   */
  private static Future<Void> greet(RedisConnection connection) {
    // A connection that ends now fails the two commands, and that is enough said.
    connection.exceptionHandler(ended -> {});
    Future<Void> ready = connection.send(Request.cmd(Command.PING)).mapEmpty();
    Future<Void> primary =
        connection
            .send(Request.cmd(Command.ROLE))
            .transform(
                (role, failure) ->
                    // Some services forbid ROLE; a replica is then found out by the first write.
                    role != null && role.get(0).toString().equals("slave")
                        ? Future.failedFuture("it is a replica")
                        : Future.succeededFuture());
    return ready.compose(up -> primary);
  }

  private static void requireSupported(String url) {
    String scheme = url.contains(":") ? url.substring(0, url.indexOf(':')) : "";
    String lower = scheme.toLowerCase(Locale.ROOT);
    boolean several = url.contains(",");
    if (several || lower.contains("sentinel") || lower.contains("cluster")) {
      throw new StartupException(
          "redis.url "
              + RedisConfig.mask(url)
              + " names a Sentinel or a Cluster, which is not supported yet",
          HINT);
    }
    boolean known = lower.equals("redis") || lower.equals("rediss") || lower.equals("unix");
    if (!known || !isAddress(url, lower)) {
      throw new StartupException(
          "redis.url " + RedisConfig.mask(url) + " is not the address of a Redis", HINT);
    }
  }

  private static boolean isAddress(String url, String scheme) {
    try {
      URI uri = URI.create(url);
      return scheme.equals("unix")
          ? uri.getPath() != null && uri.getPath().length() > 1
          : uri.getHost() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
