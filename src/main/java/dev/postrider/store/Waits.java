package dev.postrider.store;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long a lease that was given less than it asked for has to wait for more, by what stopped it.
 * Where nothing is said, a wake-up will tell.
 *
 * @param worker the worker's own rate: this worker is given nothing before, others may be
 * @param lanes the soonest of the limits on fairness keys and destinations under which something
 *     waits; what is not under such a limit may be given at any time
 * @param queue the queue's own rate, or {@link #UNTIL_OPENED}: nobody is given anything before,
 *     short of a {@link Wakeup.Opened}
 */
public record Waits(@Nullable Duration worker, @Nullable Duration lanes, @Nullable Duration queue) {
  public static final Waits NONE = new Waits(null, null, null);

  /** The queue is paused or its rate is 0. */
  public static final Duration UNTIL_OPENED = ChronoUnit.FOREVER.getDuration();

  /** For the worker's own rate alone. */
  public static Waits ofWorker(@Nullable Duration worker) {
    return worker == null ? NONE : new Waits(worker, null, null);
  }

  /** What two leases of one poll say together. */
  public Waits and(Waits other) {
    return new Waits(
        sooner(worker, other.worker), sooner(lanes, other.lanes), sooner(queue, other.queue));
  }

  private static @Nullable Duration sooner(@Nullable Duration one, @Nullable Duration other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.compareTo(other) <= 0 ? one : other;
  }
}
