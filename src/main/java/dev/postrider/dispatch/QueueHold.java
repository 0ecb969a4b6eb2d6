package dev.postrider.dispatch;

import dev.postrider.store.Waits;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an event loop knows of a task queue's own limit: while it holds, nobody is given anything of
 * the queue, so nobody has to ask. It ends with its time, or when the store calls out that the
 * queue was opened.
 */
public final class QueueHold {
  private final Alarm over;
  private boolean held;
  private long openings;

  /**
   * @param over runs when the time of a hold is over
   */
  public QueueHold(Vertx vertx, Runnable over) {
    this.over =
        new Alarm(
            vertx,
            () -> {
              held = false;
              over.run();
            });
  }

  public boolean isHeld() {
    return held;
  }

  /**
   * How often the queue was opened or began to be held so far: to be remembered when a lease is
   * asked for, because its answer says nothing about what was learned since.
   */
  public long openings() {
    return openings;
  }

  /**
   * A lease was answered.
   *
   * @param wait how long the queue gives nothing; null = its answer knows of no such time
   * @param openings as they were when the lease was asked for
   */
  public void learn(@Nullable Duration wait, long openings) {
    if (openings != this.openings) {
      return;
    }
    end();
    if (wait == null) {
      return;
    }
    held = true;
    // what was asked for beside this may have been answered before it
    this.openings++;
    if (wait.compareTo(Waits.UNTIL_OPENED) < 0) {
      over.within(wait);
    }
  }

  /** The queue may give something again, whatever was known. */
  public void open() {
    openings++;
    end();
  }

  /** Forgets what holds. */
  public void end() {
    held = false;
    over.clear();
  }
}
