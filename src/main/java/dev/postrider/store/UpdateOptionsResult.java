package dev.postrider.store;

import dev.postrider.job.Job;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunState;

/** What {@code lua/job/update_options.lua} answers. */
public sealed interface UpdateOptionsResult {
  /** Changed, or the repetition of the last change's request id; with the job as it is now. */
  record Applied(Job job) implements UpdateOptionsResult {}

  record NotFound() implements UpdateOptionsResult {}

  record Closed(JobStatus status) implements UpdateOptionsResult {}

  /** Open, but its options cannot be changed in this state. */
  record InvalidState(JobStatus status, RunState runState) implements UpdateOptionsResult {}
}
