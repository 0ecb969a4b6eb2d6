package dev.postrider.simulation;

import dev.postrider.store.LeaseRequest;
import dev.postrider.store.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges what a lease left behind, and how long it said to wait: nothing is held up for nothing,
 * and whoever is held up by a rate is told until when.
 *
 * <p>What stops a lease in one of several partitions says nothing of the others, so there it is
 * judged only where all of them say the same.
 */
final class WaitsJudge {
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** Moments are rounded up to whole milliseconds. */
  private static final long ROUNDING = 2;

  private final ModelStore store;

  WaitsJudge(ModelStore store) {
    this.store = store;
  }

  /**
   * Judges, after what was given has been counted.
   *
   * @param wantedMore less was given than asked for, and all of the queue was looked at
   */
  void judge(LeaseRequest request, boolean wantedMore, Waits waits) {
    boolean closed =
        store.queues.isPaused(request.queue()) || store.limits.ofQueue(request.queue()).isStopped();
    boolean saidToBeClosed = Waits.UNTIL_OPENED.equals(waits.queue());
    if (saidToBeClosed && !closed) {
      throw new IllegalMove("held up until it is opened, but it is open: " + request.queue());
    }
    // of several partitions none may have come so far that it would have asked for a token
    boolean isTold =
        store.queues.isPaused(request.queue())
            || (closed && store.settings.partitions() == 1 && isWaiting(request));
    if (wantedMore && isTold && !saidToBeClosed && waits.worker() == null) {
      throw new IllegalMove("not told that nothing is given: " + request.queue());
    }
    if (store.settings.partitions() > 1) {
      return;
    }
    ModelBucket worker = store.limits.ofWorker(request, 0);
    if (waits.worker() != null) {
      if (worker == null) {
        throw new IllegalMove("held up for " + waits.worker() + " by no limit of the worker");
      }
      worker.judgeWait(waits.worker());
    }
    if (waits.queue() != null && !saidToBeClosed) {
      store.limits.ofQueue(request.queue()).judgeWait(waits.queue());
    }
    if (closed) {
      return;
    }
    if (wantedMore) {
      leftBehind(request, worker, waits);
      if (waits.lanes() != null) {
        notTooSoon(request, waits.lanes());
      }
    }
  }

  private boolean isWaiting(LeaseRequest request) {
    return !store.lanes.lanesOf(request.queue()).isEmpty();
  }

  private void leftBehind(LeaseRequest request, @Nullable ModelBucket worker, Waits waits) {
    ModelBucket queue = store.limits.ofQueue(request.queue());
    for (LaneKey lane : store.lanes.lanesOf(request.queue())) {
      if (!store.flight.hasRoom(lane, store.caps(lane))) {
        continue;
      }
      List<ModelBucket> stopping = new ArrayList<>(store.limits.ofLane(lane));
      stopping.removeIf(ModelBucket::surelyGives);
      if (stopping.stream().anyMatch(ModelBucket::isStopped)) {
        // until its rate is changed, of which a wake-up tells
        continue;
      }
      boolean told = !stopping.isEmpty() && waits.lanes() != null;
      told |= !queue.surelyGives() && waits.queue() != null;
      told |= worker != null && !worker.surelyGives() && waits.worker() != null;
      if (!told) {
        throw new IllegalMove(
            "left behind "
                + store.lanes.lane(lane).get(0).run()
                + " of "
                + lane
                + (stopping.isEmpty()
                    ? " though more was wanted"
                    : ", and not told until when by " + stopping));
      }
      if (waits.queue() == null && waits.worker() == null) {
        stopping.forEach(ModelBucket::looked);
        long atMost = stopping.stream().mapToLong(ModelBucket::waitAtMost).max().orElseThrow();
        if (waits.lanes().toMillis() > atMost + ROUNDING) {
          throw new IllegalMove(
              "told to wait "
                  + waits.lanes()
                  + " for "
                  + lane
                  + ", longer than it takes: "
                  + stopping);
        }
      }
    }
  }

  /**
   * Some limit of a key or a destination gives again then, and not before. Where keys have limits
   * too, a destination under a bound is looked at again in a second: a key may not use the place
   * that its lane was given.
   */
  private void notTooSoon(LeaseRequest request, Duration told) {
    if (store.queues.limits(request.queue()).maxInFlightPerDestination() != null
        && told.compareTo(LOOK_AGAIN) <= 0) {
      return;
    }
    Optional<ModelBucket> reason =
        store.limits.inQueue(request.queue()).stream()
            .filter(bucket -> !bucket.surelyGives())
            .filter(bucket -> bucket.waitAtLeast() <= told.toMillis() + ROUNDING)
            .findFirst();
    if (reason.isEmpty()) {
      throw new IllegalMove(
          "told to wait "
              + told
              + ", but no limit gives again then: "
              + store.limits.inQueue(request.queue()));
    }
  }
}
