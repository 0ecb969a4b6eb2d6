package dev.postrider.store;

import java.time.Duration;

/**
 * Is told when a move armed a timer of a job, so that the node that made the move can look at its
 * partition on time without anybody polling it. Being told nothing costs only punctuality.
 */
@FunctionalInterface
public interface TimerListener {
  /**
   * A timer was armed. Callable on any thread.
   *
   * @param in how long until it is due, by the store's clock
   */
  void armed(int partition, Duration in);

  TimerListener NONE = (partition, in) -> {};
}
