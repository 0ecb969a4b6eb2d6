package dev.postrider.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** One event loop for a test's calls, which the test's thread waits for. */
final class EventLoop {

  private final Context context;

  EventLoop(Vertx vertx) {
    this.context = vertx.getOrCreateContext();
  }

  /** Runs a call on the loop and returns what its future brings. */
  <T> T await(Supplier<Future<T>> call) {
    return await(start(call));
  }

  /** Runs a call on the loop and returns its future. */
  <T> Future<T> start(Supplier<Future<T>> call) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        run -> {
          try {
            call.get().onComplete(promise);
          } catch (RuntimeException e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }

  /** Runs a call on the loop and returns what it brings. */
  <T> T get(Supplier<T> call) {
    return await(() -> Future.succeededFuture(call.get()));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing came in 20 s", e);
    }
  }

  /** Waits for the failure of a future. */
  static <E extends Throwable> E failure(Class<E> type, Future<?> future) {
    Throwable failure = await(future.transform((ok, e) -> Future.succeededFuture(e)));
    assertThat(failure).isInstanceOf(type);
    return type.cast(failure);
  }

  /** Waits until a condition seen from the loop holds. */
  void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!get(condition::getAsBoolean)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("the condition did not hold within 20 s");
      }
      Thread.onSpinWait();
    }
  }
}
