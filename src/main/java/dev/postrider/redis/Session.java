package dev.postrider.redis;

import dev.postrider.redis.RedisUnavailableException.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The life of one connection of a link, from up to down: counts what is in flight, and gives the
 * connection up when an answer takes too long.
 *
 * <p>Answers come in the order of the commands, so one look now and then at how many have come
 * tells whether the oldest is late; a timer for each command would cost more than the command.
 */
final class Session {

  /** A late answer is noticed within this fraction of the timeout after it is due, twice over. */
  private static final int LOOKS_PER_TIMEOUT = 8;

  private final Vertx vertx;
  private final RedisConnection connection;
  private final int maxInFlight;
  private final long timeoutNanos;
  private Consumer<String> downHandler = reason -> {};
  private @Nullable Runnable firstAnswerHandler;

  private long sent;
  private long answered;
  private boolean watching;
  private long markedSent;
  private long markedAt;
  private @Nullable RedisUnavailableException end;

  Session(Vertx vertx, RedisConnection connection, int maxInFlight, long timeoutNanos) {
    this.vertx = vertx;
    this.connection = connection;
    this.maxInFlight = maxInFlight;
    this.timeoutNanos = timeoutNanos;
    connection.exceptionHandler(
        failure -> drop(Reason.CONNECTION_LOST, String.valueOf(failure.getMessage())));
    connection.endHandler(ended -> drop(Reason.CONNECTION_LOST, "it closed the connection"));
  }

  /** The handler learns once why the session is over, and closes the connection. */
  void onDown(Consumer<String> handler) {
    downHandler = handler;
  }

  /** The handler runs once, when a command was answered by other than an error. */
  void onFirstAnswer(Runnable handler) {
    firstAnswerHandler = handler;
  }

  int inFlight() {
    return (int) (sent - answered);
  }

  Future<@Nullable Response> send(Request request) {
    if (inFlight() >= maxInFlight) {
      return Future.failedFuture(
          new RedisUnavailableException(
              Reason.OVERLOADED, maxInFlight + " commands wait for Redis already"));
    }
    sent++;
    if (!watching) {
      watch();
    }
    return connection.send(request).transform(this::settle);
  }

  /** Ends the session; the later of two calls changes nothing. */
  void drop(Reason reason, String detail) {
    if (end == null) {
      end = new RedisUnavailableException(reason, "no answer from Redis: " + detail);
      downHandler.accept(detail);
    }
  }

  private Future<@Nullable Response> settle(
      @Nullable Response response, @Nullable Throwable failure) {
    answered++;
    if (failure == null) {
      Runnable handler = firstAnswerHandler;
      if (handler != null) {
        firstAnswerHandler = null;
        handler.run();
      }
      return Future.succeededFuture(response);
    }
    RuntimeException explained = RedisErrors.explain(failure);
    if (explained instanceof RedisUnavailableException unavailable) {
      if (unavailable.reason() == Reason.CONNECTION_LOST && end != null) {
        return Future.failedFuture(end);
      }
      if (unavailable.reason() == Reason.READ_ONLY) {
        // The name in the URL may lead to the new primary by now.
        drop(Reason.CONNECTION_LOST, "it has become a replica");
      }
    }
    return Future.failedFuture(explained);
  }

  private void watch() {
    watching = true;
    mark();
    vertx.setTimer(Math.max(1, timeoutNanos / 1_000_000 / LOOKS_PER_TIMEOUT), timer -> look());
  }

  private void mark() {
    markedSent = sent;
    markedAt = System.nanoTime();
  }

  private void look() {
    if (end != null || inFlight() == 0) {
      watching = false;
      return;
    }
    if (answered >= markedSent) {
      mark();
    } else if (System.nanoTime() - markedAt >= timeoutNanos) {
      watching = false;
      drop(Reason.TIMED_OUT, "it took longer than redis.commandTimeout");
      return;
    }
    vertx.setTimer(Math.max(1, timeoutNanos / 1_000_000 / LOOKS_PER_TIMEOUT), timer -> look());
  }
}
