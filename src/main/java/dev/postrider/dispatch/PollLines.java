package dev.postrider.dispatch;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.JobStore;
import dev.postrider.store.Wakeup;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The lines of the queues that an event loop has polls of, and what they are woken by. */
final class PollLines {
  static final int TICKS_BETWEEN = 2;

  private final Vertx vertx;
  private final JobStore store;
  private final Runnable onEmpty;

  /** The queue that was woken for the longest time ago comes first. */
  private final Map<TaskQueue, PollLine> lines = new LinkedHashMap<>();

  private long ticks;

  /**
   * @param onEmpty runs when a line has gone
   */
  PollLines(Vertx vertx, JobStore store, Runnable onEmpty) {
    this.vertx = vertx;
    this.store = store;
    this.onEmpty = onEmpty;
  }

  /** The line of a queue; who takes it joins it. */
  PollLine of(TaskQueue queue) {
    return lines.computeIfAbsent(
        queue, q -> new PollLine(vertx, store, () -> ticks, line -> left(q, line)));
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  /** The first parked poll of a queue that jobs are about to be started in. */
  Optional<EagerLeases.Waiting> waitingFor(TaskQueue queue) {
    PollLine line = lines.get(queue);
    return line == null ? Optional.empty() : line.goAlong();
  }

  void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Leasable leasable) {
      PollLine line = lines.get(leasable.queue());
      if (line != null && line.isHeld()) {
        line.wake();
      } else if (line != null) {
        last(leasable.queue(), line).wake();
      }
    } else if (wakeup instanceof Wakeup.Opened opened) {
      open(opened.queue());
    } else if (wakeup instanceof Wakeup.Missed) {
      new ArrayList<>(lines.keySet()).forEach(this::open);
    }
  }

  /** Has one queue asked for that was not for a while, in case a call was lost. */
  void tick() {
    ticks++;
    lines.entrySet().stream()
        .filter(entry -> ticks - entry.getValue().askedAt() >= TICKS_BETWEEN)
        .findFirst()
        .map(Map.Entry::getKey)
        .ifPresent(this::open);
  }

  /** Answers every poll with nothing. */
  void close() {
    List.copyOf(lines.values()).forEach(PollLine::close);
  }

  private void open(TaskQueue queue) {
    PollLine line = lines.get(queue);
    if (line != null) {
      last(queue, line).open();
    }
  }

  private PollLine last(TaskQueue queue, PollLine line) {
    lines.remove(queue);
    lines.put(queue, line);
    return line;
  }

  private void left(TaskQueue queue, PollLine line) {
    lines.remove(queue, line);
    onEmpty.run();
  }
}
