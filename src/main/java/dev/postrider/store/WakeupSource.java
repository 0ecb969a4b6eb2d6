package dev.postrider.store;

import io.vertx.core.Handler;

/** Where the wake-ups of the store are heard on this node. */
public interface WakeupSource {
  /**
   * Calls {@code handler} for each wake-up from now on, on the Vert.x context of the caller. Equal
   * wake-ups that have not been handed over yet count as one.
   *
   * @throws IllegalStateException if the caller is on no Vert.x context
   */
  Registration register(Handler<Wakeup> handler);

  /** One registered handler. */
  interface Registration {
    /** Ends the calls; call it on the context that registered. */
    void close();
  }
}
