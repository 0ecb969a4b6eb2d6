package dev.postrider.delivery;

import dev.postrider.dispatch.Alarm;
import dev.postrider.dispatch.QueueHold;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.QueueRegistry;
import dev.postrider.store.Waits;
import dev.postrider.store.Wakeup;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which of the queues that a worker serves may have something to lease: those the store
 * called out, those whose limit may give again, and, in case a call was lost, one of the known ones
 * per {@link #TICK}. They take turns. A queue that its own limit holds is none of them before its
 * time, unless the store calls out that it was opened.
 */
final class QueueWatch {
  static final Duration TICK = Duration.ofSeconds(1);

  /** Queues of namespaces that are new are learned from wake-ups; this catches lost ones. */
  private static final int TICKS_BETWEEN_REGISTRY_READS = 15;

  private static final Logger LOG = LoggerFactory.getLogger(QueueWatch.class);

  private final Vertx vertx;
  private final Set<String> served;
  private final QueueRegistry registry;
  private final Runnable onReady;
  private final WakeupSource.Registration registration;
  private final long tick;

  private final Set<TaskQueue> ready = new LinkedHashSet<>();

  /** In order of the last look at them, the longest ago first. */
  private final Set<TaskQueue> known = new LinkedHashSet<>();

  private final Map<TaskQueue, Limits> limits = new HashMap<>();
  private long ticks;

  /** What is known of the limits that a queue waits for. */
  private final class Limits {
    final QueueHold hold;

    /** For what waits under a limit within the queue. */
    final Alarm alarm;

    Limits(TaskQueue queue) {
      hold = new QueueHold(vertx, () -> ready(queue));
      alarm = new Alarm(vertx, () -> mark(queue));
    }
  }

  QueueWatch(
      Vertx vertx,
      Set<String> served,
      QueueRegistry registry,
      WakeupSource wakeups,
      Runnable onReady) {
    this.vertx = vertx;
    this.served = served;
    this.registry = registry;
    this.onReady = onReady;
    this.registration = wakeups.register(this::wake);
    this.tick = vertx.setPeriodic(TICK.toMillis(), id -> tick());
    learn(queue -> true);
  }

  /** The next queue to lease from; it is not ready any more until something new is known. */
  Optional<TaskQueue> next() {
    var turns = ready.iterator();
    if (!turns.hasNext()) {
      return Optional.empty();
    }
    TaskQueue queue = turns.next();
    turns.remove();
    known.remove(queue);
    known.add(queue);
    limitsOf(queue).alarm.clear();
    return Optional.of(queue);
  }

  boolean isServed(TaskQueue queue) {
    return served.contains(queue.name());
  }

  /** Nobody is given anything of the queue for now. */
  boolean isHeld(TaskQueue queue) {
    return limitsOf(queue).hold.isHeld();
  }

  /** To be remembered when a lease is asked for, for {@link #learn}. */
  long openings(TaskQueue queue) {
    return limitsOf(queue).hold.openings();
  }

  /**
   * A lease was answered.
   *
   * @param openings as they were when it was asked for
   */
  void learn(TaskQueue queue, LeaseResult leased, long openings) {
    Waits waits = leased.waits();
    QueueHold hold = limitsOf(queue).hold;
    hold.learn(waits.queue(), openings);
    if (hold.isHeld()) {
      ready.remove(queue);
    } else if (leased.more()) {
      mark(queue);
    } else if (waits.lanes() != null) {
      markIn(queue, waits.lanes());
    }
  }

  /** There may be something in the queue after {@code in}. */
  void markIn(TaskQueue queue, Duration in) {
    limitsOf(queue).alarm.within(in);
  }

  void close() {
    registration.close();
    vertx.cancelTimer(tick);
    limits
        .values()
        .forEach(
            known -> {
              known.hold.end();
              known.alarm.clear();
            });
    ready.clear();
  }

  private Limits limitsOf(TaskQueue queue) {
    return limits.computeIfAbsent(queue, Limits::new);
  }

  /** There may be something in the queue now. */
  private void mark(TaskQueue queue) {
    if (!isHeld(queue)) {
      ready(queue);
    }
  }

  /** The same, whatever was known to hold it. */
  private void open(TaskQueue queue) {
    known.add(queue);
    limitsOf(queue).hold.open();
    ready(queue);
  }

  private void ready(TaskQueue queue) {
    if (ready.add(queue)) {
      onReady.run();
    }
  }

  private void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Leasable leasable) {
      if (served.contains(leasable.queue().name())) {
        known.add(leasable.queue());
        mark(leasable.queue());
      }
    } else if (wakeup instanceof Wakeup.Opened opened) {
      if (served.contains(opened.queue().name())) {
        open(opened.queue());
      }
    } else if (wakeup instanceof Wakeup.Missed) {
      learn(queue -> true);
    }
  }

  private void learn(Predicate<TaskQueue> which) {
    registry
        .queues()
        .onSuccess(
            queues ->
                queues.stream()
                    .filter(queue -> served.contains(queue.name()))
                    .filter(which)
                    .forEach(this::open))
        .onFailure(cause -> LOG.debug("queues.unreadable cause={}", cause.toString()));
  }

  private void tick() {
    ticks++;
    if (ticks % TICKS_BETWEEN_REGISTRY_READS == 0) {
      learn(queue -> !known.contains(queue));
    }
    var longestAgo = known.iterator();
    if (longestAgo.hasNext() && ticks % ticksBetweenLooks() == 0) {
      open(longestAgo.next());
    }
  }

  /** Few queues are not looked at more often than every five seconds each. */
  private int ticksBetweenLooks() {
    return Math.max(1, 5 / known.size());
  }
}
