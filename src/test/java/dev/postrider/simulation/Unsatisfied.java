package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.Waits;
import dev.postrider.store.Wakeup;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * The queues of which a lease was given less than it wanted, and for which nobody has been told to
 * ask again since. Who was told to wait for some time asks again after it by itself.
 */
final class Unsatisfied {
  /** Moments that were told are rounded up to whole milliseconds. */
  private static final long ROUNDING = 2;

  /**
   * Until when nobody asks again by itself.
   *
   * @param opened what is leasable alone is nothing to ask for: the queue gives nothing before
   */
  private record Until(boolean opened, long ticks) {}

  private final Map<TaskQueue, Until> queues = new HashMap<>();

  /** Time as it passes for those who wait, whatever the store's clock says. */
  private long ticks;

  void pass(long millis) {
    ticks += Math.max(0, millis);
    queues.values().removeIf(until -> until.ticks() - ROUNDING <= ticks);
  }

  /** The times, ms, after which those who were told to wait ask again. */
  LongStream waits() {
    return queues.values().stream()
        .mapToLong(Until::ticks)
        .filter(until -> until != ModelRun.NEVER)
        .map(until -> until - ticks);
  }

  /** A lease was given less than it wanted. */
  void left(TaskQueue queue, Waits waits) {
    if (waits.worker() != null) {
      return;
    }
    long until = ModelRun.NEVER;
    if (waits.queue() != null) {
      until = waits.queue().equals(Waits.UNTIL_OPENED) ? until : ticks + waits.queue().toMillis();
    } else if (waits.lanes() != null) {
      until = ticks + waits.lanes().toMillis();
    }
    queues.put(queue, new Until(waits.queue() != null, until));
  }

  void heard(Set<Wakeup> wakeups) {
    queues
        .entrySet()
        .removeIf(
            e ->
                wakeups.contains(new Wakeup.Opened(e.getKey()))
                    || (!e.getValue().opened()
                        && wakeups.contains(new Wakeup.Leasable(e.getKey()))));
  }

  boolean contains(TaskQueue queue) {
    return queues.containsKey(queue);
  }
}
