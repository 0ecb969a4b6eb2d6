package dev.postrider.dispatch;

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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * The polls that wait for tasks on one event loop. A parked poll costs the store nothing: its queue
 * is asked for again when the store calls out that something became leasable there or that there
 * are notices for its worker, when a limit may give again, and, in case a call was lost, by a
 * safety tick that asks for one queue per {@link #TICK} at most, each {@link
 * PollLines#TICKS_BETWEEN} ticks at the earliest. A call about notices that was lost costs its
 * worker the time until its next poll.
 *
 * <p>A new poll always asks once itself, one of several queues at least one of them.
 */
final class ParkedPolls {
  /** Four loops of a node together ask Redis once a second, however many queues they wait for. */
  static final Duration TICK = Duration.ofSeconds(4);

  /** How long the lease that is under way for a poll may take once the poll's wait is over. */
  static final Duration GRACE = Duration.ofSeconds(2);

  /** How long the leases of a poll that does not wait may take. */
  static final Duration LONGEST_ASKING = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final Semaphore places;
  private final WakeupSource.Registration registration;
  private final long timer;
  private final PollLines lines;
  private final Unanswered unanswered;
  private final Shares shares = new Shares(new Random());
  private final Map<Wakeup.Noticed, Set<Parked>> ofWorkers = new HashMap<>();
  private final List<Promise<Void>> settling = new ArrayList<>();
  private boolean closed;

  /**
   * @param places how many polls may be parked, on all loops of the node together
   */
  ParkedPolls(Vertx vertx, JobStore store, WakeupSource wakeups, Semaphore places) {
    this.vertx = vertx;
    this.places = places;
    this.lines = new PollLines(vertx, store, this::settle);
    this.unanswered = new Unanswered(store, this::settle);
    this.registration = wakeups.register(this::wake);
    this.timer = vertx.setPeriodic(TICK.toMillis(), id -> lines.tick());
  }

  /** Leases, or waits up to {@code wait} for something to lease. */
  Poll poll(LeaseRequest request, Duration wait) {
    Wakeup.Noticed worker = new Wakeup.Noticed(request.queue().namespace(), request.worker());
    return poll(worker, wait, poll -> lines.of(request.queue()).join(poll, request));
  }

  /**
   * The same from several queues.
   *
   * @param maxBytes what the inputs and heartbeat details of the tasks may have together
   */
  Poll poll(PollRequest request, long maxBytes, Duration wait) {
    String namespace = request.queues().get(0).queue().namespace();
    return poll(
        new Wakeup.Noticed(namespace, request.worker()),
        wait,
        poll -> new Tour(vertx, lines, shares, request, maxBytes, poll, unanswered).begin());
  }

  /**
   * @param worker who polls, as the store calls for it
   * @param join has the poll asked for
   */
  private Poll poll(Wakeup.Noticed worker, Duration wait, Function<Poll, Parked> join) {
    boolean parks = !wait.isZero();
    Poll poll = new Poll(parks, unanswered);
    if (closed) {
      poll.give(LeaseResult.NOTHING);
      return poll;
    }
    if (parks && !places.tryAcquire()) {
      poll.fail(
          new RefusedException(
              Refusal.TOO_MANY_POLLS, "As many polls are parked as this node allows."));
      return poll;
    }
    if (parks) {
      poll.answer().onComplete(ignored -> places.release());
    }
    Parked joined = join.apply(poll);
    poll.answer().onComplete(ignored -> joined.leave());
    if (parks) {
      park(worker, joined, poll, wait);
    } else {
      unlessAnswered(LONGEST_ASKING, poll, () -> poll.fail(StoreUnavailableException.unanswered()));
    }
    return poll;
  }

  private void park(Wakeup.Noticed worker, Parked joined, Poll poll, Duration wait) {
    Set<Parked> polls = ofWorkers.computeIfAbsent(worker, w -> new LinkedHashSet<>());
    polls.add(joined);
    long patience = vertx.setTimer(Math.max(1, wait.toMillis()), id -> runOut(joined, poll));
    poll.answer()
        .onComplete(
            ignored -> {
              vertx.cancelTimer(patience);
              polls.remove(joined);
              if (polls.isEmpty()) {
                ofWorkers.remove(worker, polls);
              }
            });
  }

  /** The first parked poll of a queue that jobs are about to be started in. */
  Optional<EagerLeases.Waiting> waitingFor(TaskQueue queue) {
    return lines.waitingFor(queue);
  }

  /** Answers every poll with nothing, those that are parked and those that come later. */
  void close() {
    closed = true;
    registration.close();
    vertx.cancelTimer(timer);
    lines.close();
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
    if (lines.isEmpty() && unanswered.isDone()) {
      settling.forEach(Promise::tryComplete);
      settling.clear();
    }
  }

  private void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Noticed noticed) {
      List.copyOf(ofWorkers.getOrDefault(noticed, Set.of())).forEach(Parked::notice);
    } else {
      lines.wake(wakeup);
    }
  }

  private void runOut(Parked joined, Poll poll) {
    poll.losePatience();
    if (joined.isAsking()) {
      unlessAnswered(GRACE, poll, () -> poll.give(LeaseResult.NOTHING));
    } else {
      poll.give(LeaseResult.NOTHING);
    }
  }

  /** A store that is away may leave a lease without an answer for as long; its poll is given up. */
  private void unlessAnswered(Duration within, Poll poll, Runnable giveUp) {
    if (!poll.isAnswered()) {
      long timeout = vertx.setTimer(within.toMillis(), id -> giveUp.run());
      poll.answer().onComplete(ignored -> vertx.cancelTimer(timeout));
    }
  }
}
