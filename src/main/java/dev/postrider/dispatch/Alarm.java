package dev.postrider.dispatch;

import io.vertx.core.Vertx;
import java.time.Duration;

/** A timer that goes off once, at the soonest of the times that it was set to. */
public final class Alarm {
  private static final long NONE = -1;

  private final Vertx vertx;
  private final Runnable ring;
  private long timer = NONE;
  private long dueNanos;

  public Alarm(Vertx vertx, Runnable ring) {
    this.vertx = vertx;
    this.ring = ring;
  }

  public void within(Duration wait) {
    long ms = Math.max(1, wait.toMillis());
    long due = System.nanoTime() + ms * 1_000_000;
    if (timer != NONE && dueNanos - due <= 0) {
      return;
    }
    clear();
    dueNanos = due;
    timer =
        vertx.setTimer(
            ms,
            id -> {
              timer = NONE;
              ring.run();
            });
  }

  public boolean isSet() {
    return timer != NONE;
  }

  public void clear() {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
      timer = NONE;
    }
  }
}
