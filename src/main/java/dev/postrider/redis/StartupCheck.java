package dev.postrider.redis;

import dev.postrider.config.DurabilityConfig;
import dev.postrider.redis.RedisUnavailableException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a Redis is one that the store can rely on. */
final class StartupCheck {

  /** Long enough for a Redis that is started together with the service. */
  static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Logger LOG = LoggerFactory.getLogger(StartupCheck.class);
  private static final String POLICY = "maxmemory-policy";

  private final RedisConnector connector;
  private final DurabilityConfig.Require require;
  private final Backoff backoff = new Backoff(50, 1_000);
  private final Promise<RedisStatus> result = Promise.promise();
  private final long deadline;
  private boolean complained;

  StartupCheck(RedisConnector connector, DurabilityConfig.Require require, Duration patience) {
    this.connector = connector;
    this.require = require;
    this.deadline = System.nanoTime() + patience.toNanos();
  }

  /** Connects, for as long as the patience lasts, and looks. */
  Future<RedisStatus> run() {
    attempt();
    return result.future();
  }

  private void attempt() {
    Redis client = connector.client("startup");
    connector
        .connect(client)
        .compose(this::look)
        .eventually(() -> client.close())
        .onComplete(
            found -> {
              if (found.succeeded()) {
                result.complete(found.result());
              } else {
                failed(found.cause());
              }
            });
  }

  private void failed(Throwable failure) {
    if (failure instanceof StartupException) {
      result.fail(failure);
      return;
    }
    RuntimeException explained = RedisErrors.explain(failure);
    String why = failure.getMessage();
    boolean refused =
        explained instanceof RedisUnavailableException unavailable
            && unavailable.reason() == Reason.NOT_PERMITTED;
    if (refused) {
      result.fail(
          new StartupException(
              connector.maskedUrl() + " does not let this user in: " + why,
              "set user and password in redis.url: redis://user:password@host:port"));
    } else if (System.nanoTime() - deadline > 0) {
      result.fail(
          new StartupException(
              "no Redis to be had at " + connector.maskedUrl() + ": " + why,
              "start it, or correct redis.url; empty, the service runs a Redis of its own"));
    } else {
      if (!complained) {
        LOG.info("Waiting for Redis at {}: {}", connector.maskedUrl(), why);
        complained = true;
      }
      connector.vertx().setTimer(backoff.next(), timer -> attempt());
    }
  }

  private Future<RedisStatus> look(RedisConnection connection) {
    Future<Map<String, String>> info =
        connection.send(Request.cmd(Command.INFO)).map(StartupCheck::lines);
    return info.compose(
        facts ->
            connection
                .send(Request.cmd(Command.CONFIG, "GET", POLICY, "appendonly", "appendfsync"))
                .map(StartupCheck::pairs)
                // A managed Redis may keep its configuration to itself; INFO tells some of it.
                .otherwise(Map.of())
                .map(settings -> judge(facts, settings)));
  }

  private RedisStatus judge(Map<String, String> facts, Map<String, String> settings) {
    String url = connector.maskedUrl();
    String compatible = facts.getOrDefault("redis_version", "0");
    boolean valkey = facts.containsKey("valkey_version");
    String version = valkey ? facts.getOrDefault("valkey_version", "") : compatible;
    if (!RedisBinary.isRecent(compatible)) {
      throw new StartupException(
          "the Redis at " + url + " is version " + version,
          "Redis 7 or later is needed, or Valkey");
    }
    if (!facts.getOrDefault("redis_mode", "standalone").equals("standalone")) {
      throw new StartupException(
          url + " is a " + facts.get("redis_mode") + " node, which is not supported yet",
          "set redis.url to a standalone primary");
    }
    String policy =
        settings.getOrDefault(POLICY, facts.getOrDefault("maxmemory_policy", "unknown"));
    if (!policy.equals("noeviction")) {
      throw new StartupException(
          "the Redis at "
              + url
              + " throws data away when it is full ("
              + POLICY
              + " "
              + policy
              + ")",
          "set it to keep everything: CONFIG SET " + POLICY + " noeviction, and in its redis.conf");
    }
    Durability durability =
        Durability.of(
            settings.getOrDefault("appendonly", "no"), settings.getOrDefault("appendfsync", "no"));
    if (require == DurabilityConfig.Require.FSYNC && durability != Durability.FSYNC_ALWAYS) {
      throw new StartupException(
          "durability.require is fsync, but with the Redis at " + url + " " + durability.sentence(),
          "CONFIG SET appendonly yes and appendfsync always, or set durability.require to any");
    }
    return new RedisStatus(valkey ? "Valkey" : "Redis", version, durability);
  }

  private static Map<String, String> lines(Response info) {
    Map<String, String> facts = new HashMap<>();
    info.toString()
        .lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              if (colon > 0) {
                facts.put(line.substring(0, colon), line.substring(colon + 1).trim());
              }
            });
    return facts;
  }

  private static Map<String, String> pairs(Response list) {
    Map<String, String> settings = new HashMap<>();
    for (int i = 0; i + 1 < list.size(); i += 2) {
      settings.put(list.get(i).toString().toLowerCase(Locale.ROOT), list.get(i + 1).toString());
    }
    return settings;
  }
}
