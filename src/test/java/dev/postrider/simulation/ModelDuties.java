package dev.postrider.simulation;

import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.Failure;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RetryState;
import dev.postrider.simulation.ModelRetry.Interval;
import dev.postrider.simulation.ModelRun.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What time does: dispatches what waited, ends what ran out, forgets what closed long ago. */
final class ModelDuties {
  private static final long NEAR = 60_000;

  private final ModelStore store;
  private final ModelReports reports;
  private final List<ModelNodes> nodes = new ArrayList<>();

  /** Runs whose next moment was more than a minute away when it was set. */
  private final Set<ModelRun> far = new HashSet<>();

  private final Map<ModelRun, Long> moments = new HashMap<>();

  ModelDuties(ModelStore store, ModelReports reports) {
    this.store = store;
    this.reports = reports;
    for (int i = 0; i < store.settings.partitions(); i++) {
      nodes.add(new ModelNodes());
    }
  }

  ModelNodes nodes(int partition) {
    return nodes.get(partition);
  }

  /** Acts on every near run whose next moment has come, the longest due first. */
  void reap(int partition, long now) {
    List<ModelRun> due =
        store.inPartition(partition).stream()
            .filter(r -> r.nextMoment() <= now)
            .filter(r -> !far.contains(r) || store.choice.reached(r))
            .sorted(Comparator.comparingLong(ModelRun::nextMoment))
            .toList();
    store.lanes.inOnePass(() -> due.forEach(r -> act(r, now)));
  }

  private void act(ModelRun run, long now) {
    switch (run.place) {
      case TIMER -> {
        if (run.expiresAt <= now) {
          expireInQueue(run, now);
        } else {
          store.lanes.pushBack(run, store.lanes.newRank());
        }
      }
      case LANE -> expireInQueue(run, now);
      case LEASE -> endAttempt(run, now);
      case PAUSED -> expireInQueue(run, now);
      case CLOSED -> {}
    }
  }

  /** Closes a run that no attempt works on and that one of its deadlines has passed. */
  void expireInQueue(ModelRun run, long now) {
    String type = run.expiresAt <= now ? Failure.SCHEDULE_TO_CLOSE : Failure.SCHEDULE_TO_START;
    store.close(
        run,
        JobStatus.TIMED_OUT,
        AttemptOutcome.SCHEDULE_TO_CLOSE_TIMEOUT,
        ModelReports.timeout(type),
        now);
    run.retryState = RetryState.TIMEOUT;
  }

  private void endAttempt(ModelRun run, long now) {
    if (run.expiresAt <= now) {
      expireInQueue(run, now);
    } else if (run.startToCloseAt() <= now) {
      lose(run, AttemptOutcome.START_TO_CLOSE_TIMEOUT, Failure.START_TO_CLOSE, now);
    } else {
      lose(run, AttemptOutcome.HEARTBEAT_TIMEOUT, Failure.HEARTBEAT, now);
    }
  }

  private void lose(ModelRun run, AttemptOutcome how, String type, long now) {
    Interval interval = how == AttemptOutcome.HEARTBEAT_TIMEOUT ? Interval.NONE : Interval.POLICY;
    reports.endWithoutSuccess(run, ModelReports.timeout(type), how, interval, now);
    run.endedBy = "time";
    run.endedToken = null;
  }

  /** Ends the leases of the nodes that are no longer alive, which it returns. */
  Set<Integer> lapse(int partition, long now) {
    Set<Integer> gone = new HashSet<>(nodes.get(partition).lapse(now));
    List<ModelRun> lost =
        store.inPartition(partition).stream()
            .filter(r -> r.place == Place.LEASE && r.builtIn && gone.contains(r.node))
            .toList();
    store.lanes.inOnePass(
        () ->
            lost.forEach(
                r -> {
                  if (r.expiresAt <= now) {
                    expireInQueue(r, now);
                  } else {
                    lose(r, AttemptOutcome.HEARTBEAT_TIMEOUT, Failure.HEARTBEAT, now);
                  }
                }));
    return gone;
  }

  /** Brings what is due within a minute near; forgets what closed long ago. */
  void expire(int partition, long now) {
    long retention = store.settings.retention().toMillis();
    for (ModelRun run : store.inPartition(partition)) {
      if (!run.isOpen() && run.closedAt + retention <= now) {
        store.remove(run);
        moments.remove(run);
        far.remove(run);
      } else if (run.nextMoment() - now <= NEAR) {
        far.remove(run);
      }
    }
  }

  /**
   * Notes which runs moved, and whether that left them more than a minute from their next moment.
   */
  void noteMoments(long now) {
    store
        .all()
        .forEach(
            run -> {
              long moment = run.nextMoment();
              Long before = moments.put(run, moment);
              if (before == null || before != moment) {
                if (moment - now > NEAR) {
                  far.add(run);
                } else {
                  far.remove(run);
                }
              }
            });
  }
}
