package dev.postrider.store;

import dev.postrider.job.Job;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunState;
import org.jspecify.annotations.Nullable;

/** What {@code lua/job/rerun.lua} answered. */
public sealed interface RerunResult {
  /** A new run; or, of a repeated request id, the run that it started. */
  record Started(Job job) implements RerunResult {}

  record NotFound() implements RerunResult {}

  /** The latest run of the id is open. */
  record InvalidState(JobStatus status, @Nullable RunState runState) implements RerunResult {}
}
