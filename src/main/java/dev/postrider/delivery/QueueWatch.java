package dev.postrider.delivery;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.QueueRegistry;
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
 * per {@link #TICK}. They take turns.
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

  private final Map<TaskQueue, Long> timers = new HashMap<>();
  private long ticks;

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
    cancelTimer(queue);
    return Optional.of(queue);
  }

  boolean isServed(TaskQueue queue) {
    return served.contains(queue.name());
  }

  /** There may be more in the queue now. */
  void mark(TaskQueue queue) {
    if (ready.add(queue)) {
      onReady.run();
    }
  }

  /** There may be something in the queue after {@code in}. */
  void markIn(TaskQueue queue, Duration in) {
    cancelTimer(queue);
    timers.put(
        queue,
        vertx.setTimer(
            Math.max(1, in.toMillis()),
            id -> {
              timers.remove(queue);
              mark(queue);
            }));
  }

  void close() {
    registration.close();
    vertx.cancelTimer(tick);
    timers.values().forEach(vertx::cancelTimer);
    timers.clear();
    ready.clear();
  }

  private void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Leasable leasable) {
      if (served.contains(leasable.queue().name())) {
        known.add(leasable.queue());
        mark(leasable.queue());
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
                    .forEach(
                        queue -> {
                          known.add(queue);
                          mark(queue);
                        }))
        .onFailure(cause -> LOG.debug("queues.unreadable cause={}", cause.toString()));
  }

  private void tick() {
    ticks++;
    if (ticks % TICKS_BETWEEN_REGISTRY_READS == 0) {
      learn(queue -> !known.contains(queue));
    }
    var longestAgo = known.iterator();
    if (longestAgo.hasNext() && ticks % ticksBetweenLooks() == 0) {
      mark(longestAgo.next());
    }
  }

  /** Few queues are not looked at more often than every five seconds each. */
  private int ticksBetweenLooks() {
    return Math.max(1, 5 / known.size());
  }

  private void cancelTimer(TaskQueue queue) {
    Long timer = timers.remove(queue);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }
}
