package dev.postrider.client;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;

/**
 * Event loops of the client's own. The caller's context is not used for answers: where that is a
 * worker's or a virtual thread's, it cannot take an answer while it waits for it.
 */
final class Loops {
  private Loops() {}

  /** A context on an event loop, whatever thread this is called on. */
  static Context create(Vertx vertx) {
    return ((VertxInternal) vertx).createEventLoopContext();
  }

  /** Whether the caller's context may be blocked while an answer to it is under way. */
  static boolean callerMayBlock() {
    Context caller = Vertx.currentContext();
    return caller != null && !caller.isEventLoopContext();
  }
}
