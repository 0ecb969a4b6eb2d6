package dev.postrider.simulation;

import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.simulation.ModelRun.Birth;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What users do with their jobs. */
final class ModelControls {
  private final ModelStore store;

  ModelControls(ModelStore store) {
    this.store = store;
  }

  ControlResult cancel(Control control, long now) {
    return control(
        "cancel",
        control,
        run -> {
          if (!run.isOpen()) {
            return new ControlResult.Closed(run.status);
          }
          if (run.runState == RunState.CANCEL_REQUESTED) {
            return new ControlResult.CancelAlreadyRequested();
          }
          if (run.isRunning() && !run.builtIn) {
            run.runState = RunState.CANCEL_REQUESTED;
          } else {
            store.close(run, JobStatus.CANCELED, AttemptOutcome.CANCELED, null, now);
          }
          return new ControlResult.Applied(run.summary());
        });
  }

  ControlResult terminate(Control control, long now) {
    return control(
        "terminate",
        control,
        run -> {
          if (!run.isOpen()) {
            return new ControlResult.Closed(run.status);
          }
          store.close(run, JobStatus.TERMINATED, AttemptOutcome.TERMINATED, null, now);
          return new ControlResult.Applied(run.summary());
        });
  }

  ControlResult unpause(Control control, Duration jitter, long now) {
    return control(
        "unpause",
        control,
        run -> {
          if (!run.isOpen()) {
            return new ControlResult.Closed(run.status);
          }
          if (run.runState == RunState.CANCEL_REQUESTED) {
            return new ControlResult.InvalidState(run.status, run.runState);
          }
          if (run.place == Place.PAUSED) {
            long latest = now + Math.max(0, jitter.toMillis() - 1);
            long from = Math.max(now, run.dispatchAt);
            long to = Math.max(latest, run.dispatchAt);
            store.dispatch(run, from == to ? from : store.choice.moment(run, from, to), now);
          }
          return new ControlResult.Applied(run.summary());
        });
  }

  ControlResult retryNow(Control control, long now) {
    return control(
        "retry-now",
        control,
        run -> {
          if (!run.isOpen()) {
            return new ControlResult.Closed(run.status);
          }
          RunState state = Objects.requireNonNull(run.runState);
          if (state != RunState.SCHEDULED) {
            return new ControlResult.InvalidState(run.status, state);
          }
          if (run.place == Place.TIMER) {
            store.dispatch(run, now, now);
          }
          return new ControlResult.Applied(run.summary());
        });
  }

  private ControlResult control(
      String kind, Control control, Function<ModelRun, ControlResult> move) {
    Optional<ModelRun> found = store.find(control.key(), control.runId());
    if (found.isEmpty()) {
      return new ControlResult.NotFound();
    }
    ModelRun run = found.get();
    if (control.requestId() != null && control.requestId().equals(run.requestIds.get(kind))) {
      return new ControlResult.Applied(run.summary());
    }
    ControlResult result = move.apply(run);
    if (result instanceof ControlResult.Applied) {
      run.noteRequest(kind, control.requestId());
      if (control.reason() != null) {
        run.reason = control.reason();
      }
    }
    return result;
  }

  /** What a rerun is answered, without doing it. */
  enum RerunAnswer {
    NEW_RUN,
    REPEATED,
    NOT_FOUND,
    OPEN
  }

  RerunAnswer answerToRerun(Control control) {
    Optional<ModelRun> found = store.find(control.key(), control.runId());
    if (found.isEmpty()) {
      return RerunAnswer.NOT_FOUND;
    }
    if (repeatedRerun(control).isPresent()) {
      return RerunAnswer.REPEATED;
    }
    Optional<ModelRun> latest = store.latest(control.key());
    return latest.isPresent() && latest.get().isOpen() ? RerunAnswer.OPEN : RerunAnswer.NEW_RUN;
  }

  /** The run that the same request has started before: of the run named, or the latest itself. */
  Optional<ModelRun> repeatedRerun(Control control) {
    if (control.requestId() == null) {
      return Optional.empty();
    }
    Optional<ModelRun> of = store.find(control.key(), control.runId());
    if (control.runId() == null && of.isPresent() && of.get().birth.rerunOf() != null) {
      Optional<ModelRun> source = store.find(control.key(), of.get().birth.rerunOf());
      if (source.isPresent()
          && control.requestId().equals(source.get().requestIds.get("rerun"))
          && of.get().birth.runId().equals(source.get().rerunAs)) {
        return of;
      }
    }
    return of.filter(r -> control.requestId().equals(r.requestIds.get("rerun")))
        .flatMap(r -> store.find(control.key(), r.rerunAs));
  }

  /** Starts the new run that {@link #answerToRerun} promises. */
  ModelRun rerun(Control control, RunId runId, long now) {
    ModelRun source = store.find(control.key(), control.runId()).orElseThrow();
    source.noteRequest("rerun", control.requestId());
    source.rerunAs = runId;
    if (control.reason() != null) {
      source.reason = control.reason();
    }
    Birth of = source.birth;
    Birth birth =
        new Birth(
            of.key(),
            runId,
            of.type(),
            of.taskQueue(),
            of.destination(),
            of.options(),
            of.content(),
            null,
            of.runId());
    return store.begin(birth, now, false, now);
  }

  boolean delete(JobKey key, @Nullable RunId runId) {
    Optional<ModelRun> found = store.find(key, runId);
    found.ifPresent(store::remove);
    return found.isPresent();
  }
}
