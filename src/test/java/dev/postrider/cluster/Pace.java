package dev.postrider.cluster;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/** Something that is done at a steady pace, whatever it takes: an open load. */
final class Pace {

  private Pace() {}

  /** Does it so many times, numbered from 0. */
  static void each(int count, Duration between, IntConsumer action) {
    long begun = System.nanoTime();
    for (int i = 0; i < count; i++) {
      awaitNanos(begun + i * between.toNanos());
      action.accept(i);
    }
  }

  /** Lets time go by in which something is looked at; nothing is awaited. */
  static void pass(Duration time) {
    awaitNanos(System.nanoTime() + time.toNanos());
  }

  private static void awaitNanos(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
