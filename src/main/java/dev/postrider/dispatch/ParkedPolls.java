package dev.postrider.dispatch;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Wakeup;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polls that wait for tasks on one event loop. A parked poll costs the store nothing: its queue
 * is asked for again when the store calls out that something became leasable there, when a limit
 * may give again, and, in case a call was lost, by a safety tick that asks for one queue per {@link
 * #TICK} at most, each {@link #TICKS_BETWEEN} ticks at the earliest.
 *
 * <p>A new poll always asks once itself, behind those that wait in the same queue.
 */
final class ParkedPolls {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedPolls.class);
  static final Duration TICK = Duration.ofSeconds(1);
  static final int TICKS_BETWEEN = 5;

  private final Vertx vertx;
  private final JobStore store;
  private final Semaphore places;
  private final WakeupSource.Registration registration;
  private final long timer;

  /** The queue that was asked for the longest time ago comes first. */
  private final Map<TaskQueue, PollLine> lines = new LinkedHashMap<>();

  private long ticks;
  private boolean closed;

  /**
   * @param places how many polls may be parked, on all loops of the node together
   */
  ParkedPolls(Vertx vertx, JobStore store, WakeupSource wakeups, Semaphore places) {
    this.vertx = vertx;
    this.store = store;
    this.places = places;
    this.registration = wakeups.register(this::wake);
    this.timer = vertx.setPeriodic(TICK.toMillis(), id -> tick());
  }

  /** Leases, or waits up to {@code wait} for something to lease. */
  Poll poll(LeaseRequest request, Duration wait) {
    boolean parks = !wait.isZero() && !closed;
    Poll poll = new Poll(request, parks, this::putBack);
    if (parks) {
      if (!places.tryAcquire()) {
        poll.fail(
            new RefusedException(
                Refusal.TOO_MANY_POLLS, "As many polls are parked as this node allows."));
        return poll;
      }
      long patience =
          vertx.setTimer(Math.max(1, wait.toMillis()), id -> runOut(request.queue(), poll));
      poll.answer()
          .onComplete(
              ignored -> {
                places.release();
                vertx.cancelTimer(patience);
                tidy(request.queue());
              });
    }
    lines.computeIfAbsent(request.queue(), this::newLine).join(poll);
    ask(request.queue());
    return poll;
  }

  /** The first parked poll of a queue that jobs are about to be started in. */
  Optional<EagerLeases.Waiting> waitingFor(TaskQueue queue) {
    PollLine line = lines.get(queue);
    return line == null ? Optional.empty() : line.goAlong(ticks);
  }

  /** Answers every parked poll with nothing; later ones do not park. */
  void close() {
    closed = true;
    registration.close();
    vertx.cancelTimer(timer);
    List.copyOf(lines.values()).forEach(PollLine::close);
  }

  private PollLine newLine(TaskQueue queue) {
    return new PollLine(vertx, store, line -> lines.remove(queue, line));
  }

  private void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Leasable leasable) {
      if (lines.containsKey(leasable.queue())) {
        ask(leasable.queue());
      }
    } else if (wakeup instanceof Wakeup.Missed) {
      new ArrayList<>(lines.keySet()).forEach(this::ask);
    }
  }

  private void ask(TaskQueue queue) {
    PollLine line = lines.remove(queue);
    if (line != null) {
      lines.put(queue, line);
      line.ask(ticks);
    }
  }

  private void runOut(TaskQueue queue, Poll poll) {
    poll.losePatience();
    PollLine line = lines.get(queue);
    if (line == null || !line.isAskingFor(poll)) {
      poll.give(LeaseResult.NOTHING);
    }
  }

  private void tidy(TaskQueue queue) {
    PollLine line = lines.get(queue);
    if (line != null) {
      line.tidy();
    }
  }

  private void tick() {
    ticks++;
    Iterator<TaskQueue> longestAgo = lines.keySet().iterator();
    if (longestAgo.hasNext()) {
      TaskQueue queue = longestAgo.next();
      PollLine line = lines.get(queue);
      if (line != null && ticks - line.askedAt() >= TICKS_BETWEEN) {
        ask(queue);
      }
    }
  }

  private void putBack(LeaseResult unanswered) {
    if (!unanswered.tasks().isEmpty()) {
      store
          .handBack(unanswered.tasks().stream().map(Task::token).toList())
          .onFailure(cause -> LOG.warn("tasks.not_handed_back cause={}", cause.toString()));
    }
    if (!unanswered.notices().isEmpty()) {
      store
          .notifyAgain(unanswered.notices().stream().map(Notice::token).toList())
          .onFailure(cause -> LOG.warn("notices.not_put_back cause={}", cause.toString()));
    }
  }
}
