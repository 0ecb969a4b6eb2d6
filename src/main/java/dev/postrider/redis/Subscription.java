package dev.postrider.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener to channels of Redis, on a connection of its own that comes back when it breaks.
 *
 * <p>What is published during a gap is lost, as Redis keeps nothing for those who are away: after
 * each {@link Listener#subscribed} the listener looks itself at what the messages would have told.
 *
 * <p>It belongs to the event loop that it was opened on.
 */
public final class Subscription {

  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);
  private static final long FIRST_RETRY_MILLIS = 20;
  private static final long LAST_RETRY_MILLIS = 1_000;

  private final RedisConnector connector;
  private final String name;
  private final List<String> channels;
  private final Listener listener;
  private final Context context;
  private final Thread loop;
  private final Backoff backoff = new Backoff(FIRST_RETRY_MILLIS, LAST_RETRY_MILLIS);

  private @Nullable Redis client;
  private @Nullable RedisConnection connection;
  private final Set<String> confirmed = new HashSet<>();
  private boolean subscribed;
  private boolean heard;
  private boolean closed;

  /** Who hears. All calls come on the event loop of the subscription. */
  public interface Listener {
    /** From now on messages come; those published before, since the loss or ever, did not. */
    void subscribed();

    /** From now on messages are missed. */
    void lost();

    /** One message. */
    void message(String channel, Buffer payload);
  }

  private Subscription(
      RedisConnector connector, String name, List<String> channels, Listener listener) {
    this.connector = connector;
    this.name = name;
    this.channels = List.copyOf(channels);
    this.listener = listener;
    this.context = connector.vertx().getOrCreateContext();
    this.loop = Thread.currentThread();
  }

  /**
   * Subscribes on the current event loop, now and after every loss.
   *
   * @param name for logs and metrics
   * @throws IllegalStateException if the caller is not on an event loop
   */
  public static Subscription open(
      RedisConnector connector, String name, List<String> channels, Listener listener) {
    if (!Context.isOnEventLoopThread()) {
      throw new IllegalStateException("a subscription is opened on the event loop that hears it");
    }
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("a subscription needs a channel");
    }
    Subscription subscription = new Subscription(connector, name, channels, listener);
    subscription.connect();
    return subscription;
  }

  /** Whether messages come at the moment. */
  public boolean isSubscribed() {
    return subscribed;
  }

  /** Ends it for good, without a call of {@link Listener#lost}. */
  public Future<Void> close() {
    if (Thread.currentThread() != loop) {
      throw new IllegalStateException(
          "subscription " + name + " is closed outside of its event loop");
    }
    closed = true;
    subscribed = false;
    connection = null;
    Redis open = client;
    client = null;
    return open == null ? Future.succeededFuture() : open.close().otherwiseEmpty();
  }

  private void connect() {
    Redis attempt = connector.client(name);
    client = attempt;
    connector
        .connect(attempt)
        .onComplete(
            result -> {
              if (closed) {
                attempt.close();
              } else if (result.failed()) {
                retry(attempt, String.valueOf(result.cause().getMessage()));
              } else {
                subscribe(attempt, result.result());
              }
            });
  }

  private void subscribe(Redis opened, RedisConnection established) {
    connection = established;
    confirmed.clear();
    heard = true;
    established
        .handler(frame -> receive(established, frame))
        .exceptionHandler(e -> down(opened, established, String.valueOf(e.getMessage())))
        .endHandler(ended -> down(opened, established, "it closed the connection"));
    established
        .send(Request.cmd(Command.SUBSCRIBE, channels.toArray()))
        .onFailure(e -> down(opened, established, String.valueOf(e.getMessage())));
    watch(opened, established);
  }

  /**
   * A link that only listens notices a silent loss by asking now and then. While an answer is
   * awaited the client may hand the next message out as the answer, and the answer as a message; so
   * either way leads here.
   */
  private void receive(RedisConnection from, @Nullable Response frame) {
    if (from != connection || frame == null) {
      return;
    }
    heard = true;
    if (frame.type() != ResponseType.MULTI || frame.size() < 3) {
      return;
    }
    String kind = frame.get(0).toString();
    String channel = frame.get(1).toString();
    if (kind.equals("message")) {
      listener.message(channel, frame.get(2).toBuffer());
    } else if (kind.equals("subscribe")) {
      confirmed.add(channel);
      if (!subscribed && confirmed.containsAll(channels)) {
        subscribed = true;
        backoff.reset();
        LOG.debug("Subscribed to {} (link {})", channels, name);
        listener.subscribed();
      }
    }
  }

  private void watch(Redis opened, RedisConnection watched) {
    context
        .owner()
        .setTimer(
            connector.config().commandTimeout().toMillis(),
            timer -> {
              if (watched != connection) {
                return;
              }
              if (!heard) {
                down(opened, watched, "it took longer than redis.commandTimeout");
                return;
              }
              heard = false;
              watched.send(Request.cmd(Command.PING)).onSuccess(frame -> receive(watched, frame));
              watch(opened, watched);
            });
  }

  private void down(Redis opened, RedisConnection ended, String reason) {
    if (ended != connection) {
      return;
    }
    connection = null;
    boolean wasSubscribed = subscribed;
    subscribed = false;
    retry(opened, reason);
    if (wasSubscribed) {
      listener.lost();
    }
  }

  private void retry(Redis opened, String reason) {
    opened.close();
    LOG.debug("Redis is not reachable (subscription {}): {}", name, reason);
    context
        .owner()
        .setTimer(
            backoff.next(),
            timer -> {
              if (!closed) {
                connect();
              }
            });
  }
}
