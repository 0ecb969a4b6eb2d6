package dev.postrider.client;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/** The two forms in which applications get results. */
final class Blocking {
  private Blocking() {}

  /**
   * Waits for a result.
   *
   * @throws IllegalStateException on an event loop, which must not wait
   * @throws PostriderException if the call failed, or the thread was interrupted
   */
  static <T extends @Nullable Object> T await(Future<T> future) {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("an event loop must not wait; use async()");
    }
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PostriderException("interrupted", e);
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    }
  }

  /** A future whose dependents do not run on the client's event loop, so that they may block. */
  static <T extends @Nullable Object> CompletableFuture<T> future(Future<T> future) {
    CompletableFuture<T> result = new CompletableFuture<>();
    future.onComplete(
        value -> ForkJoinPool.commonPool().execute(() -> result.complete(value)),
        cause -> ForkJoinPool.commonPool().execute(() -> result.completeExceptionally(cause)));
    return result;
  }

  private static RuntimeException thrown(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException known) {
      // The event loop's stack says nothing about who made the call.
      known.addSuppressed(new PostriderException("called here", null));
      return known;
    }
    return new PostriderException("failed: " + cause, cause);
  }
}
