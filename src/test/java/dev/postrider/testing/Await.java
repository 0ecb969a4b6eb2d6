package dev.postrider.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what other processes and threads bring about. */
public final class Await {
  private static final Duration BOUND = Duration.ofSeconds(30);

  private Await() {}

  /** Waits until {@code condition} holds, for half a minute at most. */
  public static void until(String what, Supplier<Boolean> condition) {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (!condition.get()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + BOUND.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
