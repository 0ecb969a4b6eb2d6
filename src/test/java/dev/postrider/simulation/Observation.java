package dev.postrider.simulation;

import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobState;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.WaitingFor;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.Described;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the store says of every run at one moment; decides what the rules leave to chance. */
final class Observation implements Choice {
  final Map<JobKey, Job> latest = new LinkedHashMap<>();
  final Map<RunId, Job> runs = new HashMap<>();

  /** Describes every key, and every run that the model knows. */
  static Observation of(Rig rig, int node, List<JobKey> keys, ModelStore model) {
    Observation seen = new Observation();
    List<ModelRun> known = model.all().toList();
    rig.await(
        node,
        () -> {
          List<Future<?>> all = new ArrayList<>();
          for (JobKey key : keys) {
            all.add(
                rig.store(node)
                    .describe(key, null)
                    .onSuccess(d -> d.ifPresent(job -> seen.latest.put(key, job.job()))));
          }
          for (ModelRun run : known) {
            if (model.latest(run.birth.key()).orElse(null) != run) {
              all.add(
                  rig.store(node)
                      .describe(run.birth.key(), run.birth.runId())
                      .onSuccess(seen::addRun));
            }
          }
          return Future.all(all);
        });
    seen.latest.values().forEach(job -> seen.runs.put(job.runId(), job));
    return seen;
  }

  private void addRun(Optional<Described> described) {
    described.ifPresent(d -> runs.put(d.job().runId(), d.job()));
  }

  @Override
  public long moment(ModelRun run, long from, long to) {
    Job job = runs.get(run.birth.runId());
    if (job == null) {
      return from;
    }
    if (!job.state().status().isOpen()) {
      return to;
    }
    Instant next = nextAttemptAt(job);
    long at = next == null ? from : next.toEpochMilli();
    if (at < from || at > to) {
      throw new IllegalMove(run + " is next due at " + at + ", not from " + from + " to " + to);
    }
    return at;
  }

  /** Of a paused job, the attempt that it was paused after still tells. */
  private static @Nullable Instant nextAttemptAt(Job job) {
    if (job.state().status() != JobStatus.PAUSED || job.attempts().isEmpty()) {
      return job.times().nextAttemptAt();
    }
    return job.attempts().get(job.attempts().size() - 1).nextAttemptAt();
  }

  @Override
  public boolean reached(ModelRun run) {
    Job job = runs.get(run.birth.runId());
    if (job == null) {
      return false;
    }
    JobState state = job.state();
    boolean sameTurn =
        state.waitingFor() == null
            || (state.waitingFor() == WaitingFor.TURN) == (run.place == Place.LANE);
    return state.status() != run.status
        || state.runState() != run.runState
        || state.attempt() != run.attempt
        || !sameTurn;
  }

  /** Whether a run has been leased that the model has queued. */
  boolean leased(ModelRun run) {
    Job job = runs.get(run.birth.runId());
    return job != null
        && run.place == Place.LANE
        && job.state().status() == JobStatus.RUNNING
        && job.state().runState() == RunState.STARTED;
  }
}
