package dev.postrider.client;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a call about a task is worth making again: while the service is away without end, and
 * while it fails for a minute from its first failure in a row, since a fault that lasts longer does
 * not go away by asking.
 */
final class Persistence implements Predicate<Throwable> {
  private static final Duration FAULT_PATIENCE = Duration.ofMinutes(1);
  private static final int FAULT = 500;

  private final LongSupplier nanoTime;
  private @Nullable Long firstFault;

  private Persistence(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** For one call of a task's; it is over when the task is given up. */
  static Predicate<Throwable> of(RunningTask task) {
    Persistence persistence = new Persistence(System::nanoTime);
    return cause -> !task.isGivenUp() && persistence.test(cause);
  }

  /** By another clock, in nanoseconds. */
  static Persistence by(LongSupplier nanoTime) {
    return new Persistence(nanoTime);
  }

  @Override
  public boolean test(Throwable cause) {
    if (!(cause instanceof ProblemException problem) || problem.status() != FAULT) {
      firstFault = null;
      return Retry.isTransient(cause);
    }
    long now = nanoTime.getAsLong();
    if (firstFault == null) {
      firstFault = now;
    }
    return now - firstFault < FAULT_PATIENCE.toNanos();
  }
}
