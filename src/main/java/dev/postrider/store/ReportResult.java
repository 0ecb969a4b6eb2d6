package dev.postrider.store;

import dev.postrider.job.JobStatus;
import dev.postrider.job.RunState;
import org.jspecify.annotations.Nullable;

/** What the scripts of a worker's reports answer. */
public sealed interface ReportResult {
  /**
   * Taken; or the repetition of the report that ended this very attempt.
   *
   * @param holder who reported, where the report asked for more tasks
   */
  record Accepted(RunSummary run, @Nullable Leaseholder holder) implements ReportResult {
    public Accepted(RunSummary run) {
      this(run, null);
    }
  }

  /** The attempt is over, closed or deleted. */
  record LeaseLost() implements ReportResult {}

  /** By id only: there is no such job. */
  record NotFound() implements ReportResult {}

  /** By id only: the job is closed. */
  record Closed(JobStatus status) implements ReportResult {}

  /** The end of an attempt as canceled is reported, which nobody has requested. */
  record CancelNotRequested(JobStatus status, RunState runState) implements ReportResult {}
}
