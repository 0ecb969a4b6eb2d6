package dev.postrider.dispatch;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.StoreUnavailableException;
import dev.postrider.store.Wakeup;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polls that wait for tasks on one event loop. A parked poll costs the store nothing: its queue
 * is asked for again when the store calls out that something became leasable there or that there
 * are notices for its worker, when a limit may give again, and, in case a call was lost, by a
 * safety tick that asks for one queue per {@link #TICK} at most, each {@link #TICKS_BETWEEN} ticks
 * at the earliest. A call about notices that was lost costs its worker the time until its next
 * poll.
 *
 * <p>A new poll always asks once itself.
 */
final class ParkedPolls {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedPolls.class);

  /** Four loops of a node together ask Redis once a second, however many queues they wait for. */
  static final Duration TICK = Duration.ofSeconds(4);

  static final int TICKS_BETWEEN = 2;

  /** How long the lease that is under way for a poll may take once the poll's wait is over. */
  static final Duration GRACE = Duration.ofSeconds(2);

  /** How long the one lease of a poll that does not wait may take. */
  static final Duration LONGEST_ASKING = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final JobStore store;
  private final Semaphore places;
  private final WakeupSource.Registration registration;
  private final long timer;

  /** The queue that was asked for the longest time ago comes first. */
  private final Map<TaskQueue, PollLine> lines = new LinkedHashMap<>();

  private final Map<Wakeup.Noticed, Set<Poll>> ofWorkers = new HashMap<>();

  private final List<Promise<Void>> settling = new ArrayList<>();
  private int puttingBack;
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
    boolean parks = !wait.isZero();
    Poll poll = new Poll(request, parks, this::putBack);
    if (closed) {
      poll.give(LeaseResult.NOTHING);
      return poll;
    }
    if (parks) {
      if (!places.tryAcquire()) {
        poll.fail(
            new RefusedException(
                Refusal.TOO_MANY_POLLS, "As many polls are parked as this node allows."));
        return poll;
      }
      long patience =
          vertx.setTimer(Math.max(1, wait.toMillis()), id -> runOut(request.queue(), poll));
      park(poll);
      poll.answer()
          .onComplete(
              ignored -> {
                places.release();
                vertx.cancelTimer(patience);
                unpark(poll);
              });
    } else {
      unlessAnswered(LONGEST_ASKING, poll, () -> poll.fail(StoreUnavailableException.unanswered()));
    }
    PollLine line = lines.computeIfAbsent(request.queue(), this::newLine);
    line.join(poll);
    poll.answer().onComplete(ignored -> line.leave(poll));
    line.ask(ticks);
    return poll;
  }

  private void park(Poll poll) {
    ofWorkers.computeIfAbsent(workerOf(poll), worker -> new LinkedHashSet<>()).add(poll);
  }

  private void unpark(Poll poll) {
    Set<Poll> polls = ofWorkers.get(workerOf(poll));
    if (polls != null && polls.remove(poll) && polls.isEmpty()) {
      ofWorkers.remove(workerOf(poll));
    }
  }

  /** Who a poll is of, as the store calls for it. */
  private static Wakeup.Noticed workerOf(Poll poll) {
    LeaseRequest request = poll.request();
    return new Wakeup.Noticed(request.queue().namespace(), request.worker());
  }

  /** The first parked poll of a queue that jobs are about to be started in. */
  Optional<EagerLeases.Waiting> waitingFor(TaskQueue queue) {
    PollLine line = lines.get(queue);
    return line == null ? Optional.empty() : line.goAlong(ticks);
  }

  /** Answers every poll with nothing, those that are parked and those that come later. */
  void close() {
    closed = true;
    registration.close();
    vertx.cancelTimer(timer);
    List.copyOf(lines.values()).forEach(PollLine::close);
  }

  /**
   * Once closed: succeeds when no lease is under way and what could not be answered is put back.
   */
  Future<Void> settled() {
    Promise<Void> waiting = Promise.promise();
    settling.add(waiting);
    settle();
    return waiting.future();
  }

  private void settle() {
    if (lines.isEmpty() && puttingBack == 0) {
      settling.forEach(Promise::tryComplete);
      settling.clear();
    }
  }

  private PollLine newLine(TaskQueue queue) {
    return new PollLine(vertx, store, line -> left(queue, line));
  }

  private void left(TaskQueue queue, PollLine line) {
    lines.remove(queue, line);
    settle();
  }

  private void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Leasable leasable) {
      if (lines.containsKey(leasable.queue())) {
        ask(leasable.queue());
      }
    } else if (wakeup instanceof Wakeup.Noticed noticed) {
      List.copyOf(ofWorkers.getOrDefault(noticed, Set.of())).forEach(this::notice);
    } else if (wakeup instanceof Wakeup.Missed) {
      new ArrayList<>(lines.keySet()).forEach(this::ask);
    }
  }

  private void ask(TaskQueue queue) {
    PollLine line = lines.remove(queue);
    if (line != null) {
      lines.put(queue, line);
      line.wake(ticks);
    }
  }

  private void notice(Poll poll) {
    PollLine line = lines.get(poll.request().queue());
    if (line != null) {
      line.notice(poll, ticks);
    }
  }

  private void runOut(TaskQueue queue, Poll poll) {
    poll.losePatience();
    PollLine line = lines.get(queue);
    if (line == null || !line.isAskingFor(poll)) {
      poll.give(LeaseResult.NOTHING);
    } else {
      unlessAnswered(GRACE, poll, () -> poll.give(LeaseResult.NOTHING));
    }
  }

  /** A store that is away may leave a lease without an answer for as long; its poll is given up. */
  private void unlessAnswered(Duration within, Poll poll, Runnable giveUp) {
    if (!poll.isAnswered()) {
      long timeout = vertx.setTimer(within.toMillis(), id -> giveUp.run());
      poll.answer().onComplete(ignored -> vertx.cancelTimer(timeout));
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
      putBack(
          "tasks.not_handed_back",
          store.handBack(unanswered.tasks().stream().map(Task::token).toList()));
    }
    if (!unanswered.notices().isEmpty()) {
      putBack(
          "notices.not_put_back",
          store.notifyAgain(unanswered.notices().stream().map(Notice::token).toList()));
    }
  }

  private void putBack(String event, Future<?> call) {
    puttingBack++;
    call.onFailure(cause -> LOG.warn("{} cause={}", event, cause.toString()))
        .onComplete(
            done -> {
              puttingBack--;
              settle();
            });
  }
}
