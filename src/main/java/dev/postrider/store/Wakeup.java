package dev.postrider.store;

import dev.postrider.job.JobKey;
import dev.postrider.job.TaskQueue;

/** What the store calls out to every node, at the moment it happens; a lost one costs only time. */
public sealed interface Wakeup {
  /** Something became leasable that was not. */
  record Leasable(TaskQueue queue) implements Wakeup {}

  /**
   * What held a whole queue up is over or has changed: it was unpaused, its own rate is another or
   * was given something back. It may be asked again though it was known to give nothing.
   */
  record Opened(TaskQueue queue) implements Wakeup {}

  /**
   * The attempt that a built-in worker holds under this lease is to be given up: its report is not
   * wanted.
   *
   * @param nonce of the call that leased it; the job may have been leased again since
   */
  record Abort(JobKey key, long nonce) implements Wakeup {}

  /** There are notices for a worker. */
  record Noticed(String namespace, String worker) implements Wakeup {}

  /** The event log grew. */
  record Happened(int partition) implements Wakeup {}

  /** Calls may have been missed: look at everything once. */
  record Missed() implements Wakeup {}
}
