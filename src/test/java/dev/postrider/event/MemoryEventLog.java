package dev.postrider.event;

import dev.postrider.job.JobKey;
import dev.postrider.store.EventLog;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An event log of one partition whose answers are seen when the test says so. What an answer holds
 * is decided when it is asked for, or, where {@code lateness} says so, when it is seen: the
 * earliest and the latest moment that a real one could have.
 */
final class MemoryEventLog implements EventLog {
  private final List<JobEvent> events = new ArrayList<>();
  private final Deque<Runnable> unanswered = new ArrayDeque<>();
  private EventPosition trimmedTo = new EventPosition(0, 0, 0);
  private long entries;
  int reads;
  @Nullable Random lateness;

  /** Appends one entry; the events get its positions. */
  void append(JobEvent... happened) {
    entries++;
    for (int i = 0; i < happened.length; i++) {
      JobEvent e = happened[i];
      events.add(
          new JobEvent(
              new EventPosition(entries, 0, i + 1),
              e.name(),
              e.key(),
              e.runId(),
              e.status(),
              e.runState(),
              e.attempt(),
              e.at(),
              e.failureType(),
              e.nextAttemptAt()));
    }
  }

  EventPosition endNow() {
    return new EventPosition(entries, 0, EventPosition.WHOLE);
  }

  void trimAll() {
    events.clear();
    trimmedTo = endNow();
  }

  <T> Future<T> later(Supplier<T> answer) {
    Promise<T> promise = Promise.promise();
    if (lateness != null && lateness.nextBoolean()) {
      unanswered.add(() -> promise.complete(answer.get()));
    } else {
      T value = answer.get();
      unanswered.add(() -> promise.complete(value));
    }
    return promise.future();
  }

  /** Lets the oldest answer arrive; false when there is none. */
  boolean answerOne() {
    Runnable next = unanswered.poll();
    if (next != null) {
      next.run();
    }
    return next != null;
  }

  void answerAll() {
    while (answerOne()) {
      // each answer may ask for more
    }
  }

  @Override
  public int partitions() {
    return 1;
  }

  @Override
  public int partitionOf(JobKey key) {
    return 0;
  }

  @Override
  public Future<EventPosition> end(int partition) {
    return later(this::endNow);
  }

  @Override
  public Future<Page> read(int partition, EventPosition after, int maxEntries) {
    reads++;
    return later(
        () -> {
          List<JobEvent> page = new ArrayList<>();
          long firstEntry = -1;
          for (JobEvent event : events) {
            if (event.position().compareTo(after) <= 0) {
              continue;
            }
            if (firstEntry < 0) {
              firstEntry = event.position().ms();
            }
            if (event.position().ms() - firstEntry >= maxEntries) {
              break;
            }
            page.add(event);
          }
          EventPosition next =
              page.isEmpty()
                  ? after
                  : new EventPosition(
                      page.get(page.size() - 1).position().ms(), 0, EventPosition.WHOLE);
          return new Page(page, next, after.compareTo(trimmedTo) < 0);
        });
  }
}
