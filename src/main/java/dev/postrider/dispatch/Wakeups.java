package dev.postrider.dispatch;

import dev.postrider.store.Wakeup;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Carries the wake-ups that this node hears once to each event loop that wants them. Safe on any
 * thread.
 */
public final class Wakeups implements WakeupSource, Handler<Wakeup> {
  private final List<Ear> ears = new CopyOnWriteArrayList<>();

  /** Passes a wake-up on to everyone who is registered now. */
  @Override
  public void handle(Wakeup wakeup) {
    ears.forEach(ear -> ear.hear(wakeup));
  }

  @Override
  public Registration register(Handler<Wakeup> handler) {
    Context context = Vertx.currentContext();
    if (context == null) {
      throw new IllegalStateException("wake-ups are registered for on a Vert.x context");
    }
    Ear ear = new Ear(context, handler);
    ears.add(ear);
    return ear;
  }

  private final class Ear implements Registration {
    private final Context context;
    private final Handler<Wakeup> handler;
    private Set<Wakeup> heard = new LinkedHashSet<>();
    private boolean closed;

    Ear(Context context, Handler<Wakeup> handler) {
      this.context = context;
      this.handler = handler;
    }

    /** A burst of equal calls costs the loop one turn and one call. */
    void hear(Wakeup wakeup) {
      boolean first;
      synchronized (this) {
        first = heard.isEmpty();
        heard.add(wakeup);
      }
      if (first) {
        context.runOnContext(ignored -> passOn());
      }
    }

    private void passOn() {
      Set<Wakeup> passed;
      synchronized (this) {
        passed = heard;
        heard = new LinkedHashSet<>();
      }
      for (Wakeup wakeup : passed) {
        if (!closed) {
          handler.handle(wakeup);
        }
      }
    }

    @Override
    public void close() {
      closed = true;
      ears.remove(this);
    }
  }
}
