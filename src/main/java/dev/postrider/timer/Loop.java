package dev.postrider.timer;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a duty, rests as long as it answers, and runs it again; never twice at once. After a pass
 * that failed it rests for {@link #FIRST_REST_AFTER_FAILURE}, doubled with each further failure up
 * to {@link #LONGEST_REST_AFTER_FAILURE}.
 *
 * <p>Runs on the Vert.x context that starts it.
 */
public final class Loop {
  static final Duration FIRST_REST_AFTER_FAILURE = Duration.ofMillis(250);
  static final Duration LONGEST_REST_AFTER_FAILURE = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
  private static final long NEVER = Long.MAX_VALUE;
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final Context context;
  private final Duty duty;
  private final long birth = System.nanoTime();
  private final Promise<Void> stopped = Promise.promise();

  /**
   * When the next pass starts, in nanoseconds since birth; NEVER while nobody has asked for one.
   */
  private final AtomicLong next = new AtomicLong(NEVER);

  private long timer = NO_TIMER;
  private int failures;
  private boolean running;
  private boolean stopping;

  public Loop(Vertx vertx, Duty duty) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.duty = duty;
  }

  /** Makes the first pass at once. */
  public void start() {
    context.runOnContext(ignored -> pass());
  }

  /**
   * Makes a pass after {@code in} at the latest, whatever rest the duty asked for. Safe on any
   * thread, and cheap when a pass is due before that anyway.
   */
  public void wakeBy(Duration in) {
    long at = now() + in.toNanos();
    if (at < next.getAndAccumulate(at, Math::min)) {
      context.runOnContext(ignored -> setTimer());
    }
  }

  /**
   * Makes no further pass.
   *
   * @return succeeds when the running one is over
   */
  public Future<Void> stop() {
    context.runOnContext(
        ignored -> {
          stopping = true;
          cancelTimer();
          if (!running) {
            stopped.tryComplete();
          }
        });
    return stopped.future();
  }

  private void pass() {
    if (running || stopping) {
      return;
    }
    running = true;
    cancelTimer();
    next.set(NEVER);
    Future.succeededFuture()
        .compose(ignored -> duty.run())
        .onComplete(
            rest -> {
              failures = 0;
              rest(rest);
            },
            cause -> {
              Duration rest = restAfterFailure();
              failures++;
              LOG.warn(
                  "duty.failed duty={} failures={} rest_ms={} cause={}",
                  duty.name(),
                  failures,
                  rest.toMillis(),
                  cause.toString());
              rest(rest);
            });
  }

  private void rest(Duration rest) {
    running = false;
    if (stopping) {
      stopped.tryComplete();
      return;
    }
    next.accumulateAndGet(now() + rest.toNanos(), Math::min);
    setTimer();
  }

  private void setTimer() {
    if (running || stopping) {
      return;
    }
    cancelTimer();
    long nanos = next.get() - now();
    if (nanos <= 0) {
      context.runOnContext(ignored -> pass());
      return;
    }
    // Rounded up: a pass that comes a little early finds nothing and has to come again.
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
    timer =
        vertx.setTimer(
            millis,
            id -> {
              timer = NO_TIMER;
              pass();
            });
  }

  private Duration restAfterFailure() {
    Duration rest = FIRST_REST_AFTER_FAILURE.multipliedBy(1L << Math.min(failures, 10));
    return rest.compareTo(LONGEST_REST_AFTER_FAILURE) < 0 ? rest : LONGEST_REST_AFTER_FAILURE;
  }

  private void cancelTimer() {
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
  }

  private long now() {
    return System.nanoTime() - birth;
  }
}
