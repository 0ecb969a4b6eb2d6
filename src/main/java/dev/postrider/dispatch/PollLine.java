package dev.postrider.dispatch;

import dev.postrider.store.EagerLeases;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseResult;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The polls of one task queue on one event loop. When something may be leasable they ask in order
 * of arrival, one at a time, and what one finds tells whether the next one may try; beside that
 * each asker asks once for itself when it arrives, when there are notices for it, and when its own
 * rate may give again. Such asks go together, for nothing follows from one for the others.
 */
final class PollLine {
  private static final long NONE = -1;

  /** As many empty leases hold Redis for about a millisecond. */
  private static final int MOST_ASKS_AT_ONCE = 64;

  /** How long those behind a poll whose lease failed wait to be asked for in its place. */
  private static final long AFTER_FAILURE_MS = 1000;

  private final Vertx vertx;
  private final JobStore store;
  private final Consumer<PollLine> onEmpty;

  /** Those that may be given what becomes leasable, in order of arrival. */
  private final Set<Poll> open = new LinkedHashSet<>();

  private final Map<Asker, Held> askers = new HashMap<>();

  /** Who is to ask for itself. */
  private final Set<Asker> due = new LinkedHashSet<>();

  /** For whom a lease is on its way, one for each asker. */
  private final Map<Asker, Poll> asking = new HashMap<>();

  private boolean leasable;

  /** Those whom their own rate holds up are to ask before the line goes on. */
  private boolean heldFirst;

  private long timer = NONE;

  /** On which safety tick the store was last asked. */
  private long askedAt;

  /** The polls of one asker; its timer runs while its own rate holds them up. */
  private static final class Held {
    final Set<Poll> polls = new LinkedHashSet<>();
    long timer = NONE;
  }

  PollLine(Vertx vertx, JobStore store, Consumer<PollLine> onEmpty) {
    this.vertx = vertx;
    this.store = store;
    this.onEmpty = onEmpty;
  }

  /** Takes a poll in, which will ask once for itself. */
  void join(Poll poll) {
    Held held = askers.computeIfAbsent(poll.asker(), asker -> new Held());
    held.polls.add(poll);
    if (held.timer == NONE) {
      open.add(poll);
    }
    due.add(poll.asker());
  }

  /** Takes an answered poll out. */
  void leave(Poll poll) {
    open.remove(poll);
    Held held = askers.get(poll.asker());
    if (held != null && held.polls.remove(poll) && held.polls.isEmpty()) {
      askers.remove(poll.asker());
      due.remove(poll.asker());
      cancel(held.timer);
    }
    leaveIfEmpty();
  }

  long askedAt() {
    return askedAt;
  }

  /** A lease for this poll is on its way: its answer is the poll's. */
  boolean isAskingFor(Poll poll) {
    return asking.get(poll.asker()) == poll;
  }

  /** Something may be leasable: asks for the first poll, and on as long as there is something. */
  void wake(long tick) {
    leasable = true;
    ask(tick);
  }

  /** There are notices for the worker of this poll, which is in the line. */
  void notice(Poll poll, long tick) {
    if (askers.containsKey(poll.asker())) {
      due.add(poll.asker());
      ask(tick);
    }
  }

  /** Asks the store for whoever is next, if anybody is to ask. */
  void ask(long tick) {
    if (leasable) {
      if (!asking.isEmpty()) {
        return;
      }
      if (heldFirst) {
        heldFirst = false;
        List<Poll> held = duePolls(true);
        if (!held.isEmpty()) {
          held.forEach(poll -> lease(poll, tick));
          leasable = true;
          return;
        }
      }
      Poll first = first(open);
      if (first != null) {
        heldFirst = true;
        lease(first, tick);
        return;
      }
      leasable = false;
    }
    duePolls(false).forEach(poll -> lease(poll, tick));
    leaveIfEmpty();
  }

  /**
   * A poll of each asker that is to ask for itself, as far as they may ask at once.
   *
   * @param heldOnly only of those that the line does not ask for, because their own rate holds them
   */
  private List<Poll> duePolls(boolean heldOnly) {
    List<Poll> polls = new ArrayList<>();
    Iterator<Asker> next = due.iterator();
    while (next.hasNext() && asking.size() + polls.size() < MOST_ASKS_AT_ONCE) {
      Asker asker = next.next();
      Held held = askers.get(asker);
      boolean isHeld = held != null && held.timer != NONE;
      if (!asking.containsKey(asker) && (isHeld || !heldOnly)) {
        next.remove();
        Poll poll = held == null ? null : first(held.polls);
        if (poll != null) {
          polls.add(poll);
        }
      }
    }
    return polls;
  }

  private void lease(Poll poll, long tick) {
    begin(poll, tick);
    store.lease(poll.request()).onComplete(result -> end(poll, result, tick));
  }

  /** Lets the first poll's lease go along with a call that starts jobs in this queue. */
  Optional<EagerLeases.Waiting> goAlong(long tick) {
    Poll first = asking.isEmpty() ? first(open) : null;
    if (first == null) {
      return Optional.empty();
    }
    boolean wasDue = due.contains(first.asker());
    begin(first, tick);
    return Optional.of(
        new EagerLeases.Waiting(first.request(), result -> endAlong(first, wasDue, result, tick)));
  }

  private void endAlong(Poll first, boolean wasDue, AsyncResult<LeaseResult> result, long tick) {
    if (result.succeeded()) {
      end(first, result, tick);
      return;
    }
    // The start it went along with failed, which says nothing about the poll: it waits on.
    asking.remove(first.asker());
    if (askers.containsKey(first.asker()) && (wasDue || !first.isPatient())) {
      due.add(first.asker());
    }
    ask(tick);
  }

  private void begin(Poll poll, long tick) {
    askedAt = tick;
    asking.put(poll.asker(), poll);
    leasable = false;
    due.remove(poll.asker());
    cancel(timer);
    timer = NONE;
  }

  private void end(Poll poll, AsyncResult<LeaseResult> result, long tick) {
    asking.remove(poll.asker());
    if (result.succeeded()) {
      answered(poll, result.result(), tick);
    } else {
      leave(poll);
      poll.fail(result.cause());
      if (!askers.isEmpty()) {
        // what it was called for may be others', but a store that is away is not asked at once
        cancel(timer);
        timer = vertx.setTimer(AFTER_FAILURE_MS, id -> wake(tick));
      }
    }
    ask(tick);
  }

  /** Answers everyone with nothing. */
  void close() {
    cancel(timer);
    askers.values().forEach(held -> cancel(held.timer));
    List<Poll> all = askers.values().stream().flatMap(held -> held.polls.stream()).toList();
    askers.clear();
    open.clear();
    due.clear();
    all.forEach(poll -> poll.give(LeaseResult.NOTHING));
    leaveIfEmpty();
  }

  private void answered(Poll poll, LeaseResult leased, long tick) {
    if (!leased.tasks().isEmpty() || !leased.notices().isEmpty()) {
      give(poll, leased);
    }
    Duration ownRate = leased.waits().worker();
    // what the rate of one worker left there may be others'
    leasable |= leased.more() || ownRate != null;
    Held held = askers.get(poll.asker());
    if (held != null && !due.contains(poll.asker())) {
      List<Poll> impatient = held.polls.stream().filter(one -> !one.isPatient()).toList();
      if (!impatient.isEmpty() && leased.more()) {
        due.add(poll.asker());
      } else {
        impatient.forEach(one -> give(one, LeaseResult.NOTHING));
      }
    }
    if (ownRate != null) {
      holdUp(poll.asker(), ownRate, tick);
    }
    Duration nextIn = leased.waits().lanes();
    if (nextIn != null && !askers.isEmpty()) {
      cancel(timer);
      timer = vertx.setTimer(Math.max(1, nextIn.toMillis()), id -> wake(tick));
    }
  }

  /** Has the polls of an asker wait for its own rate, and nobody else's. */
  private void holdUp(Asker asker, Duration nextIn, long tick) {
    Held held = askers.get(asker);
    if (held == null) {
      return;
    }
    cancel(held.timer);
    open.removeAll(held.polls);
    held.timer =
        vertx.setTimer(
            Math.max(1, nextIn.toMillis()),
            id -> {
              held.timer = NONE;
              open.addAll(held.polls);
              due.add(asker);
              ask(tick);
            });
  }

  private void give(Poll poll, LeaseResult result) {
    // whoever waits until the line is empty waits for what is put back, too
    poll.give(result);
    leave(poll);
  }

  /** The first that still waits. */
  private static @Nullable Poll first(Set<Poll> polls) {
    for (Poll poll : polls) {
      if (!poll.isAnswered()) {
        return poll;
      }
    }
    return null;
  }

  private void leaveIfEmpty() {
    if (askers.isEmpty() && asking.isEmpty()) {
      cancel(timer);
      timer = NONE;
      onEmpty.accept(this);
    }
  }

  private void cancel(long running) {
    if (running != NONE) {
      vertx.cancelTimer(running);
    }
  }
}
