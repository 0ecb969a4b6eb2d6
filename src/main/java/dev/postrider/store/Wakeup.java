package dev.postrider.store;

import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.TaskQueue;

/** What the store calls out to every node, at the moment it happens; a lost one costs only time. */
public sealed interface Wakeup {
  /** Something became leasable that was not. */
  record Leasable(TaskQueue queue) implements Wakeup {}

  /**
   * The attempt of this run that a built-in worker holds is to be given up: its report is not
   * wanted.
   */
  record Abort(JobKey key, RunId runId) implements Wakeup {}

  /** The event log grew. */
  record Happened(int partition) implements Wakeup {}

  /** Calls may have been missed: look at everything once. */
  record Missed() implements Wakeup {}
}
