package dev.postrider.dispatch;

import dev.postrider.store.EagerLeases;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseResult;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The polls of one task queue on one event loop, in order of arrival. The first one leases; what it
 * finds tells whether the next one may try. Never two leases at once.
 */
final class PollLine {
  private static final long NONE = -1;

  private final Vertx vertx;
  private final JobStore store;
  private final Consumer<PollLine> onEmpty;
  private final Deque<Poll> polls = new ArrayDeque<>();
  private @Nullable Poll asking;
  private boolean again;
  private long timer = NONE;

  /** On which safety tick the store was last asked. */
  private long askedAt;

  PollLine(Vertx vertx, JobStore store, Consumer<PollLine> onEmpty) {
    this.vertx = vertx;
    this.store = store;
    this.onEmpty = onEmpty;
  }

  void join(Poll poll) {
    polls.addLast(poll);
  }

  /** Takes answered polls out of the line. */
  void tidy() {
    polls.removeIf(Poll::isAnswered);
    leaveIfEmpty();
  }

  long askedAt() {
    return askedAt;
  }

  /** A lease for this poll is on its way: its answer is the poll's. */
  boolean isAskingFor(Poll poll) {
    return asking == poll;
  }

  /** Asks the store for the first poll, and on for the next ones as long as there is something. */
  void ask(long tick) {
    if (asking != null) {
      again = true;
      return;
    }
    Poll first = firstWaiting();
    if (first == null) {
      leaveIfEmpty();
      return;
    }
    begin(first, tick);
    store.lease(first.request()).onComplete(result -> end(first, result, tick));
  }

  /** Lets the first poll's lease go along with a call that starts jobs in this queue. */
  Optional<EagerLeases.Waiting> goAlong(long tick) {
    Poll first = asking == null ? firstWaiting() : null;
    if (first == null) {
      return Optional.empty();
    }
    begin(first, tick);
    return Optional.of(
        new EagerLeases.Waiting(first.request(), result -> endAlong(first, result, tick)));
  }

  private void endAlong(Poll first, AsyncResult<LeaseResult> result, long tick) {
    if (result.succeeded()) {
      end(first, result, tick);
      return;
    }
    // The start it went along with failed, which says nothing about the poll: it waits on.
    asking = null;
    if (again || impatientWaits()) {
      ask(tick);
    } else {
      tidy();
    }
  }

  private void begin(Poll first, long tick) {
    askedAt = tick;
    asking = first;
    again = false;
    cancelTimer();
  }

  private void end(Poll first, AsyncResult<LeaseResult> result, long tick) {
    asking = null;
    if (result.succeeded()) {
      answered(first, result.result(), tick);
      return;
    }
    polls.remove(first);
    first.fail(result.cause());
    if (again || impatientWaits()) {
      ask(tick);
    } else {
      leaveIfEmpty();
    }
  }

  /** Answers everyone with nothing. */
  void close() {
    cancelTimer();
    List.copyOf(polls).forEach(poll -> poll.give(LeaseResult.NOTHING));
    polls.clear();
    leaveIfEmpty();
  }

  private void answered(Poll first, LeaseResult leased, long tick) {
    boolean found = !leased.tasks().isEmpty() || !leased.notices().isEmpty();
    if (found) {
      polls.remove(first);
      first.give(leased);
    }
    if (again || leased.more()) {
      ask(tick);
      return;
    }
    polls.stream()
        .filter(poll -> !poll.isPatient())
        .toList()
        .forEach(poll -> poll.give(LeaseResult.NOTHING));
    polls.removeIf(Poll::isAnswered);
    Duration nextIn = leased.nextIn();
    if (nextIn != null && !polls.isEmpty()) {
      timer =
          vertx.setTimer(
              Math.max(1, nextIn.toMillis()),
              id -> {
                timer = NONE;
                ask(tick);
              });
    }
    leaveIfEmpty();
  }

  private @Nullable Poll firstWaiting() {
    Poll first = polls.peekFirst();
    while (first != null && first.isAnswered()) {
      polls.removeFirst();
      first = polls.peekFirst();
    }
    return first;
  }

  private boolean impatientWaits() {
    return polls.stream().anyMatch(poll -> !poll.isPatient());
  }

  private void leaveIfEmpty() {
    if (polls.isEmpty() && asking == null) {
      cancelTimer();
      onEmpty.accept(this);
    }
  }

  private void cancelTimer() {
    if (timer != NONE) {
      vertx.cancelTimer(timer);
      timer = NONE;
    }
  }
}
