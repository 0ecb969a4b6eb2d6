package dev.postrider.dispatch;

import dev.postrider.store.EagerLeases;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Waits;
import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The polls of one task queue on one event loop. When something may be leasable they ask in order
 * of arrival, one at a time, and what one finds tells whether the next one may try. Beside that
 * {@link Askers} ask for themselves, and those that go through several lines, its guests, when it
 * is the line's turn; such asks go together, for nothing follows from one for the others.
 *
 * <p>While the queue's own limit holds it, the line asks for nobody because of what becomes
 * leasable.
 */
final class PollLine {
  /** As many empty leases hold Redis for about a millisecond. */
  private static final int MOST_ASKS_AT_ONCE = 64;

  /** How long those behind a poll whose lease failed wait to be asked for in its place. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final JobStore store;
  private final LongSupplier ticks;
  private final Consumer<PollLine> onEmpty;
  private final Askers askers;
  private final Set<Place> guests = new HashSet<>();
  private final QueueHold hold;

  /** For what waits under a limit within the queue. */
  private final Alarm alarm;

  /** Those that may be given what becomes leasable, in order of arrival. */
  private final Set<Place> open = new LinkedHashSet<>();

  private int underWay;
  private boolean leasable;

  /** The last lease has come to the end of what there is, and nothing was called out since. */
  private boolean quiet;

  /** Those whom their own rate holds up are to ask before the line goes on. */
  private boolean ratedFirst;

  private long askedAt;

  /**
   * @param ticks the number of the latest safety tick
   */
  PollLine(Vertx vertx, JobStore store, LongSupplier ticks, Consumer<PollLine> onEmpty) {
    this.store = store;
    this.ticks = ticks;
    this.onEmpty = onEmpty;
    this.askers = new Askers(vertx, this);
    this.hold = new QueueHold(vertx, this::wake);
    this.alarm = new Alarm(vertx, this::wake);
  }

  /** Takes a poll in that wants tasks of this queue only, and asks once for it. */
  Parked join(Poll poll, LeaseRequest request) {
    Askers.Member joined = askers.join(poll, request);
    ask();
    return joined;
  }

  /** Keeps the line for a poll that goes through several; it is asked for once it has a seat. */
  void join(Place guest) {
    guests.add(guest);
  }

  void leave(Place guest) {
    guests.remove(guest);
    open.remove(guest);
    leaveIfEmpty();
  }

  void seat(Place place) {
    open.add(place);
  }

  void unseat(Place place) {
    open.remove(place);
  }

  /** On which safety tick the store was last asked. */
  long askedAt() {
    return askedAt;
  }

  boolean isHeld() {
    return hold.isHeld();
  }

  /** A lease might find something, for all that is known. */
  boolean mayGive() {
    return !hold.isHeld() && !quiet;
  }

  /** Something may be leasable for which nobody could be asked for yet. */
  boolean isCalled() {
    return leasable && !hold.isHeld();
  }

  /** Something may be leasable: asks for the first poll, and on as long as there is something. */
  void wake() {
    leasable = true;
    quiet = false;
    ask();
  }

  /** The same, and whatever held the queue is over or may be. */
  void open() {
    hold.open();
    wake();
  }

  /** Asks the store for whoever is next, if anybody is to ask. */
  void ask() {
    if (isCalled()) {
      if (underWay > 0) {
        return;
      }
      if (ratedFirst) {
        ratedFirst = false;
        List<Place> rated = askers.due(MOST_ASKS_AT_ONCE, true);
        if (!rated.isEmpty()) {
          rated.forEach(this::lease);
          leasable = true;
          return;
        }
      }
      Place first = first(open);
      if (first != null) {
        ratedFirst = true;
        lease(first);
        return;
      }
      // a guest for which another line asks looks here again when that has found nothing
      leasable = !guests.isEmpty();
    }
    askers.due(MOST_ASKS_AT_ONCE - underWay, false).forEach(this::lease);
    leaveIfEmpty();
  }

  private void lease(Place place) {
    place.asked();
    lease(place.request(), place::answered);
  }

  /** Asks for one of the line; it learns from the answer, whoever it is for. */
  void lease(LeaseRequest request, Handler<AsyncResult<LeaseResult>> answer) {
    long openings = begin();
    store
        .lease(request)
        .onComplete(
            result -> {
              quiet = learn(result, openings);
              answer.handle(result);
              if (result.failed() && !isEmpty()) {
                // what it was called for may be others', but a store that is away is not asked at
                // once
                alarm.within(AFTER_FAILURE);
              }
              ask();
            });
  }

  /** Lets the first poll's lease go along with a call that starts jobs in this queue. */
  Optional<EagerLeases.Waiting> goAlong() {
    Place first = underWay > 0 || hold.isHeld() ? null : first(open);
    if (first == null) {
      return Optional.empty();
    }
    first.asked();
    long openings = begin();
    return Optional.of(
        new EagerLeases.Waiting(
            first.request(),
            result -> {
              if (result.succeeded()) {
                // of one partition only
                quiet &= learn(result, openings);
                first.answered(result);
              } else {
                // The start it went along with failed, which says nothing about the poll.
                underWay--;
                first.notAsked();
              }
              ask();
            }));
  }

  private long begin() {
    askedAt = ticks.getAsLong();
    underWay++;
    leasable = false;
    return hold.openings();
  }

  /** Whether the lease has come to the end of what there is. */
  private boolean learn(AsyncResult<LeaseResult> result, long openings) {
    underWay--;
    if (result.failed()) {
      return false;
    }
    LeaseResult leased = result.result();
    Waits waits = leased.waits();
    hold.learn(waits.queue(), openings);
    if (waits.lanes() != null) {
      alarm.within(waits.lanes());
    }
    // what the rate of one worker left there may be others'
    leasable |= leased.more() || waits.worker() != null;
    return !leasable;
  }

  /** Answers everyone with nothing. */
  void close() {
    askers.close();
    List.copyOf(guests).forEach(Place::close);
    leaveIfEmpty();
  }

  /** The first that may be asked for. */
  static @Nullable Place first(Set<? extends Place> places) {
    for (Place place : places) {
      if (place.isFree()) {
        return place;
      }
    }
    return null;
  }

  private boolean isEmpty() {
    return askers.isEmpty() && guests.isEmpty() && underWay == 0;
  }

  void leaveIfEmpty() {
    if (isEmpty()) {
      alarm.clear();
      hold.end();
      onEmpty.accept(this);
    }
  }
}
