package dev.postrider.store;

import dev.postrider.job.JobStatus;

/** What the scripts of a worker's reports answer. */
public sealed interface ReportResult {
  /** Taken; or the repetition of the report that ended this very attempt. */
  record Accepted(RunSummary run) implements ReportResult {}

  /** The attempt is over, closed or deleted. */
  record LeaseLost() implements ReportResult {}

  /** By id only: there is no such job. */
  record NotFound() implements ReportResult {}

  /** By id only: the job is closed. */
  record Closed(JobStatus status) implements ReportResult {}
}
