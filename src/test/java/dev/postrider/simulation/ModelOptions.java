package dev.postrider.simulation;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.RunState;
import dev.postrider.job.TaskQueue;
import dev.postrider.simulation.ModelRun.Asked;
import dev.postrider.simulation.ModelRun.Place;
import dev.postrider.store.Control;
import dev.postrider.store.UpdateOptionsResult;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** What changes of options do to a run. */
final class ModelOptions {
  private final ModelStore store;

  ModelOptions(ModelStore store) {
    this.store = store;
  }

  UpdateOptionsResult update(Control control, UnaryOperator<AdjustableOptions> change, long now) {
    return control(control, run -> change.apply(current(run)), ModelOptions::mayChangeDelay, now);
  }

  UpdateOptionsResult restore(Control control, long now) {
    return control(
        control,
        run ->
            new AdjustableOptions(
                run.birth.options(),
                new TaskQueue(run.birth.key().namespace(), run.birth.taskQueue()),
                run.leasedBefore
                    ? current(run).startDelay()
                    : Duration.ofMillis(run.originalDelay)),
        run -> true,
        now);
  }

  private interface Change {
    AdjustableOptions of(ModelRun run);
  }

  static AdjustableOptions current(ModelRun run) {
    return new AdjustableOptions(
        run.options, run.queue(), Duration.ofMillis(run.firstDispatchAt - run.createdAt));
  }

  private UpdateOptionsResult control(
      Control control, Change change, Predicate<ModelRun> mayChangeDelay, long now) {
    Optional<ModelRun> found = store.find(control.key(), control.runId());
    if (found.isEmpty()) {
      return new UpdateOptionsResult.NotFound();
    }
    ModelRun run = found.get();
    if (control.requestId() != null && control.requestId().equals(run.requestIds.get("update"))) {
      return new UpdateOptionsResult.Applied(run.describe());
    }
    if (!run.isOpen()) {
      return new UpdateOptionsResult.Closed(run.status);
    }
    RunState state = Objects.requireNonNull(run.runState);
    if (run.asked == Asked.CANCEL || run.resetAsked()) {
      return new UpdateOptionsResult.InvalidState(run.status, state);
    }
    AdjustableOptions before = current(run);
    AdjustableOptions after = change.of(run);
    if (!after.startDelay().equals(before.startDelay()) && !mayChangeDelay.test(run)) {
      return new UpdateOptionsResult.InvalidState(run.status, state);
    }
    if (!after.equals(before)) {
      apply(run, before, after, now);
    }
    run.noteRequest("update", control.requestId());
    if (control.reason() != null) {
      run.reason = control.reason();
    }
    return new UpdateOptionsResult.Applied(run.describe());
  }

  /** Only what has not been dispatched yet can be dispatched at another time. */
  private static boolean mayChangeDelay(ModelRun run) {
    return !run.leasedBefore && (run.place == Place.TIMER || run.place == Place.PAUSED);
  }

  private void apply(ModelRun run, AdjustableOptions before, AdjustableOptions after, long now) {
    Place place = run.place;
    boolean moves = changesLane(before, after);
    if (place == Place.LANE && moves) {
      store.lanes.remove(run);
    }
    store.setOptions(run, after.options(), after.queue().name());
    if (place == Place.LANE && moves) {
      // a clock that went back may have it wait for its dispatch again
      store.dispatch(run, run.dispatchAt, now);
    }
    if (!after.startDelay().equals(before.startDelay())) {
      run.setFirstDispatch(run.createdAt + after.startDelay().toMillis());
      if (run.place != Place.LANE) {
        dispatchAt(run, run.firstDispatchAt, run.firstDispatchAt, now);
      } else if (run.firstDispatchAt > now) {
        store.lanes.remove(run);
        store.dispatch(run, run.firstDispatchAt, now);
      }
    } else if (!after.options().retryPolicy().equals(before.options().retryPolicy())) {
      backOffAnew(run, now);
    }
  }

  private static boolean changesLane(AdjustableOptions before, AdjustableOptions after) {
    Priority one = before.options().priority();
    Priority other = after.options().priority();
    return !before.queue().equals(after.queue())
        || one.priorityKey() != other.priorityKey()
        || !one.fairnessKey().equals(other.fairnessKey());
  }

  /** A back-off that the policy has made, and that goes on, is made by the new one. */
  private void backOffAnew(ModelRun run, long now) {
    Long from = run.backoffFrom;
    boolean waits = run.place == Place.TIMER || run.place == Place.PAUSED;
    if (from == null || !waits || run.dispatchAtMost <= now) {
      return;
    }
    RetryPolicy policy = run.options.retryPolicy();
    int failures = run.attempt - 1;
    dispatchAt(
        run,
        from + ModelRetry.shortest(policy, failures),
        from + ModelRetry.longest(policy, failures),
        now);
  }

  private void dispatchAt(ModelRun run, long from, long to, long now) {
    if (run.place == Place.PAUSED) {
      run.dispatchAt = from;
      run.dispatchAtMost = to;
      return;
    }
    long least = Math.max(now, from);
    long most = Math.max(now, to);
    long at = least == most ? least : store.choice.moment(run, least, most);
    if (at != run.dispatchAt) {
      store.dispatch(run, at, now);
    }
  }
}
