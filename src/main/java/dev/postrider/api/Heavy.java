package dev.postrider.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;

/** Work whose length grows with what a caller sends: long work leaves the event loop. */
final class Heavy {

  /** About two milliseconds of reading or writing JSON. */
  private static final int MAX_BYTES_ON_LOOP = 256 << 10;

  private Heavy() {}

  /**
   * Runs pure work, here or on a worker thread; the future is completed on the caller's context.
   *
   * @param bytes how much there is to read or write, roughly
   */
  static <T> Future<T> run(long bytes, Callable<T> work) {
    Context context = Vertx.currentContext();
    if (bytes > MAX_BYTES_ON_LOOP && context != null) {
      return context.executeBlocking(work, false);
    }
    try {
      return Future.succeededFuture(work.call());
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }
}
