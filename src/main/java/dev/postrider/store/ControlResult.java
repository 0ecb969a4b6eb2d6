package dev.postrider.store;

import dev.postrider.job.JobStatus;
import dev.postrider.job.RunState;

/** What the scripts of the controls answer. */
public sealed interface ControlResult {
  /** Done, or already so, or the repetition of a request id. */
  record Applied(RunSummary run) implements ControlResult {}

  record NotFound() implements ControlResult {}

  record Closed(JobStatus status) implements ControlResult {}

  /** Open, but not in a state that this control applies to. */
  record InvalidState(JobStatus status, RunState runState) implements ControlResult {}

  /** Another request has asked for it before. */
  record CancelAlreadyRequested() implements ControlResult {}
}
