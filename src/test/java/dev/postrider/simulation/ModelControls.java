package dev.postrider.simulation;

import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.simulation.ModelRun.Asked;
import dev.postrider.simulation.ModelRun.Birth;
import dev.postrider.simulation.ModelRun.Deferred;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.ResetOptions;
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
            ask(run, Asked.CANCEL);
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
          if (run.asked == Asked.CANCEL || run.asked == Asked.RESET_THEN_PAUSE) {
            return new ControlResult.InvalidState(run.status, run.runState);
          }
          if (run.asked == Asked.PAUSE) {
            run.ask(Asked.NOTHING);
            store.notices.undone(run);
          } else if (run.place == Place.PAUSED) {
            long from = Math.max(now, run.dispatchAt);
            long to = Math.max(latest(now, jitter), run.dispatchAtMost);
            if (run.dispatchAtMost <= now) {
              run.backoffFrom = null;
            }
            store.dispatch(run, from == to ? from : store.choice.moment(run, from, to), now);
          }
          return new ControlResult.Applied(run.summary());
        });
  }

  private static long latest(long now, Duration jitter) {
    return now + Math.max(0, jitter.toMillis() - 1);
  }

  private void ask(ModelRun run, Asked what) {
    run.ask(what);
    store.notices.changed(run);
  }

  ControlResult pause(Control control) {
    return control(
        "pause",
        control,
        run -> {
          if (!run.isOpen()) {
            return new ControlResult.Closed(run.status);
          }
          if (run.asked == Asked.CANCEL || run.resetAsked()) {
            return new ControlResult.InvalidState(run.status, run.runState);
          }
          if (run.isRunning() && run.asked == Asked.NOTHING) {
            ask(run, Asked.PAUSE);
          } else if (!run.isRunning() && run.place != Place.PAUSED) {
            store.leavePlace(run);
            store.pause(run);
          }
          return new ControlResult.Applied(run.summary());
        });
  }

  ControlResult reset(Control control, ResetOptions options, long now) {
    return control(
        "reset",
        control,
        run -> {
          if (!run.isOpen()) {
            return new ControlResult.Closed(run.status);
          }
          if (run.asked == Asked.CANCEL || run.resetAsked()) {
            return new ControlResult.InvalidState(run.status, run.runState);
          }
          if (run.isRunning()) {
            boolean pauses = run.asked == Asked.PAUSE && options.keepPaused();
            ask(run, pauses ? Asked.RESET_THEN_PAUSE : Asked.RESET);
            run.deferred = new Deferred(options.resetHeartbeat(), options.restoreOriginalOptions());
          } else {
            startOver(run, options, now);
          }
          return new ControlResult.Applied(run.summary());
        });
  }

  /** Starts a run over of which no attempt runs. */
  private void startOver(ModelRun run, ResetOptions options, long now) {
    boolean staysPaused = run.place == Place.PAUSED && options.keepPaused();
    store.leavePlace(run);
    run.attempt = 1;
    run.backoffFrom = null;
    if (options.resetHeartbeat()) {
      run.forgetHeartbeats();
    }
    if (options.restoreOriginalOptions()) {
      store.restoreOptions(run);
    }
    long first = run.leasedBefore ? 0 : run.firstDispatchAt;
    long from = Math.max(now, first);
    if (staysPaused) {
      run.dispatchAt = from;
      run.dispatchAtMost = from;
    } else {
      long to = Math.max(latest(now, options.jitter()), first);
      store.dispatch(run, from == to ? from : store.choice.moment(run, from, to), now);
    }
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
            run.backoffFrom = null;
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
            source.taskQueue,
            of.destination(),
            source.options,
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
