package dev.postrider.store;

import dev.postrider.job.JobStatus;
import dev.postrider.job.Requested;

/** What the scripts of heartbeats answer. */
public sealed interface HeartbeatResult {
  /** Stored; the attempt's heartbeat timeout counts from now. */
  record Recorded(Requested requested) implements HeartbeatResult {}

  /** The attempt is over, closed or deleted. */
  record LeaseLost() implements HeartbeatResult {}

  /** By id only: there is no such job. */
  record NotFound() implements HeartbeatResult {}

  /** By id only: the job is closed. */
  record Closed(JobStatus status) implements HeartbeatResult {}
}
