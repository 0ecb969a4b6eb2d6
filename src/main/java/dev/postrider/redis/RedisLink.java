package dev.postrider.redis;

import dev.postrider.redis.RedisUnavailableException.Reason;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to Redis that comes back when it breaks.
 *
 * <p>It belongs to the event loop that it was opened on and is used there alone, so it needs no
 * locks. Commands go out as they come and are answered in that order. A command is never repeated
 * here: one whose outcome is unknown fails as such, because only its sender knows whether it may
 * run twice.
 *
 * <p>Futures fail with {@link RedisUnavailableException}, {@link RedisFullException} or {@link
 * RedisErrorException}, and with nothing else.
 */
public final class RedisLink {

  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
  private static final long FIRST_RETRY_MILLIS = 20;
  private static final long LAST_RETRY_MILLIS = 1_000;

  private final RedisConnector connector;
  private final String name;
  private final Context context;
  private final Thread loop;
  private final int maxInFlight;
  private final Backoff backoff = new Backoff(FIRST_RETRY_MILLIS, LAST_RETRY_MILLIS);
  private final List<Runnable> upHandlers = new ArrayList<>();
  private final Promise<RedisLink> firstUp = Promise.promise();

  private @Nullable Redis client;
  private @Nullable Session session;
  private boolean closed;
  private boolean complained;
  private String lastFailure = "it was never reached";

  private RedisLink(RedisConnector connector, String name) {
    this.connector = connector;
    this.name = name;
    this.context = connector.vertx().getOrCreateContext();
    this.loop = Thread.currentThread();
    this.maxInFlight = connector.config().maxInFlight();
  }

  /**
   * Opens a link on the current event loop and begins to connect; until that succeeds, commands are
   * refused.
   *
   * @param name for logs and metrics
   * @throws IllegalStateException if the caller is not on an event loop
   */
  public static RedisLink open(RedisConnector connector, String name) {
    if (!Context.isOnEventLoopThread()) {
      throw new IllegalStateException("a link is opened on the event loop that will use it");
    }
    RedisLink link = new RedisLink(connector, name);
    link.connect();
    return link;
  }

  /** Completes with this link when it is up for the first time. */
  public Future<RedisLink> firstUp() {
    return firstUp.future();
  }

  /** Whether commands are taken at the moment. */
  public boolean isUp() {
    return session != null;
  }

  /** How many commands wait for their answers. */
  public int inFlight() {
    Session current = session;
    return current == null ? 0 : current.inFlight();
  }

  /** Runs the handler each time the link comes up from now on. */
  public RedisLink onUp(Runnable handler) {
    upHandlers.add(handler);
    return this;
  }

  /** Sends a command; the answer is null where Redis's is. Arguments are taken as bytes. */
  public Future<@Nullable Response> send(Request request) {
    Session current = requireSession();
    return current == null ? Future.failedFuture(notConnected()) : current.send(request);
  }

  /**
   * Runs a script by its name, and with its source where Redis has forgotten it. In that case it
   * runs after commands that were sent later.
   *
   * @param keys strings, byte arrays or buffers
   * @param args strings, numbers, byte arrays or buffers
   */
  public Future<@Nullable Response> eval(Script script, List<?> keys, List<?> args) {
    return send(script.evalSha(keys, args))
        .recover(
            failure ->
                failure instanceof RedisErrorException error && error.code().equals("NOSCRIPT")
                    ? send(script.eval(keys, args))
                    : Future.failedFuture(failure));
  }

  /** Closes the connection for good; what waits for an answer fails. */
  public Future<Void> close() {
    requireLoop();
    closed = true;
    Session current = session;
    if (current != null) {
      current.drop(Reason.CLOSED, "the link was closed");
    }
    firstUp.tryFail(new RedisUnavailableException(Reason.CLOSED, "the link was closed"));
    Redis open = client;
    client = null;
    return open == null ? Future.succeededFuture() : closeQuietly(open);
  }

  private @Nullable Session requireSession() {
    requireLoop();
    return session;
  }

  private void requireLoop() {
    if (Thread.currentThread() != loop) {
      throw new IllegalStateException("link " + name + " is used outside of its event loop");
    }
  }

  private RedisUnavailableException notConnected() {
    return closed
        ? new RedisUnavailableException(Reason.CLOSED, "the link was closed")
        : new RedisUnavailableException(
            Reason.NOT_CONNECTED, "Redis is not reachable: " + lastFailure);
  }

  private void connect() {
    Redis attempt = connector.client(name);
    client = attempt;
    connector
        .connect(attempt)
        .onComplete(
            result -> {
              if (closed) {
                closeQuietly(attempt);
              } else if (result.failed()) {
                closeQuietly(attempt);
                retry(String.valueOf(result.cause().getMessage()));
              } else {
                up(attempt, result.result());
              }
            });
  }

  private void up(Redis opened, RedisConnection connection) {
    Vertx vertx = connector.vertx();
    long timeout = connector.config().commandTimeout().toNanos();
    Session next = new Session(vertx, connection, maxInFlight, timeout);
    next.onDown(
        reason -> {
          session = null;
          closeQuietly(opened);
          if (!closed) {
            retry(reason);
          }
        });
    session = next;
    if (complained) {
      LOG.info("Redis is reachable again (link {})", name);
      complained = false;
    }
    next.onFirstAnswer(backoff::reset);
    firstUp.tryComplete(this);
    List.copyOf(upHandlers).forEach(Runnable::run);
  }

  private void retry(String reason) {
    lastFailure = reason;
    if (complained) {
      LOG.debug("Redis is still not reachable (link {}): {}", name, reason);
    } else {
      LOG.warn("Redis at {} is not reachable (link {}): {}", connector.maskedUrl(), name, reason);
      complained = true;
    }
    context.owner().setTimer(backoff.next(), timer -> retryNow());
  }

  private void retryNow() {
    if (!closed) {
      connect();
    }
  }

  private static Future<Void> closeQuietly(Redis redis) {
    return redis.close().otherwiseEmpty();
  }
}
