package dev.postrider.client;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Makes calls again while the service is away. Only for calls that may be repeated. */
final class Retry {
  private static final Duration FIRST_REST = Duration.ofMillis(50);
  private static final Duration LONGEST_REST = Duration.ofSeconds(3);

  private final Vertx vertx;

  Retry(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Again until {@code patience} is over. */
  <T> Future<T> within(Duration patience, Supplier<Future<T>> call) {
    long end = System.nanoTime() + patience.toNanos();
    return during(cause -> isTransient(cause) && System.nanoTime() - end < 0, call);
  }

  /** Again for as long as a failure is worth it. */
  <T> Future<T> during(Predicate<Throwable> worth, Supplier<Future<T>> call) {
    return attempt(worth, call, 1);
  }

  private <T> Future<T> attempt(Predicate<Throwable> worth, Supplier<Future<T>> call, int number) {
    return call.get()
        .recover(
            cause ->
                worth.test(cause)
                    ? vertx
                        .timer(rest(cause, number).toMillis())
                        .compose(ignored -> attempt(worth, call, number + 1))
                    : Future.failedFuture(cause));
  }

  /** Whether a call that failed so may succeed a little later. */
  static boolean isTransient(Throwable cause) {
    if (cause instanceof ProblemException problem) {
      return switch (problem.status()) {
        case 429, 502, 503, 504 -> true;
        default -> false;
      };
    }
    return cause instanceof ServiceUnavailableException;
  }

  /**
   * How long to wait before the next try: doubled each time, up to a fifth shorter so that clients
   * do not march in step, and no less than the service asked for, then up to a fifth longer.
   *
   * @param failures how many tries have failed in a row
   */
  static Duration rest(Throwable cause, int failures) {
    long doubled = FIRST_REST.toMillis() << Math.min(failures - 1, 10);
    long most = Math.min(LONGEST_REST.toMillis(), doubled);
    Duration rest = Duration.ofMillis(most - ThreadLocalRandom.current().nextLong(most / 5));
    if (cause instanceof ProblemException problem) {
      Duration asked = problem.retryAfter();
      return asked != null && asked.compareTo(rest) > 0
          ? asked.plusMillis(ThreadLocalRandom.current().nextLong(asked.toMillis() / 5 + 1))
          : rest;
    }
    return rest;
  }
}
