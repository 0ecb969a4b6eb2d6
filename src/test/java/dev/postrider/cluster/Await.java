package dev.postrider.cluster;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Waits until something can be observed. */
final class Await {

  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(5).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(200).toNanos();

  private Await() {}

  /**
   * Looks again and again until what it sees is as wanted; a look that throws has seen nothing.
   *
   * @throws AssertionError if that has not happened within the bound
   */
  static <T> T until(String wanted, Duration bound, Callable<T> look, Predicate<T> good) {
    long end = System.nanoTime() + bound.toNanos();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      String seen;
      Exception failure = null;
      try {
        T value = look.call();
        if (good.test(value)) {
          return value;
        }
        seen = String.valueOf(value);
      } catch (Exception e) {
        seen = e.toString();
        failure = e;
      }
      if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
        String message = "not within " + bound + ": " + wanted + "; last seen: " + shortened(seen);
        throw new AssertionError(message, failure);
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(LONGEST_PAUSE_NANOS, pause * 2);
    }
  }

  /** Looks again and again until it is true. */
  static void until(String wanted, Duration bound, Callable<Boolean> look) {
    until(wanted, bound, look, Boolean::booleanValue);
  }

  private static String shortened(String text) {
    return text.length() <= 4_000 ? text : text.substring(0, 4_000) + "…";
  }
}
