package dev.postrider.store;

import dev.postrider.job.Job;
import dev.postrider.job.RunId;

/** What {@code lua/job/start.lua} answered for one job. */
public sealed interface StartResult {
  /** A new run. */
  record Started(Job job) implements StartResult {}

  /**
   * An existing run answers: the same request id, {@code use_existing} or {@code return_existing}.
   */
  record Existing(Job job) implements StartResult {}

  /** The id is taken and its policy refuses. */
  record AlreadyStarted(RunId runId) implements StartResult {}

  /** The id is taken by a run with another type or input, and the start refuses that. */
  record PayloadMismatch(RunId runId) implements StartResult {}
}
