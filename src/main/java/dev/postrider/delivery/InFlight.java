package dev.postrider.delivery;

import dev.postrider.job.Task;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;

/** One leased task from its lease to the end of its report. */
final class InFlight {
  private final Task task;
  private final TaskHandler.Work work;
  private final Duration lease;
  private final long leasedAt = System.nanoTime();
  private final Promise<Void> over = Promise.promise();
  private boolean givenUp;

  InFlight(Task task, TaskHandler handler) {
    this.task = task;
    this.lease = Duration.between(task.startedAt(), task.deadlineAt());
    this.work = handler.start(task, WebhookSender.timeoutBefore(lease));
  }

  Task task() {
    return task;
  }

  TaskHandler.Work work() {
    return work;
  }

  /** How long its lease holds yet, by this node's measure. */
  Duration left() {
    Duration left = lease.minus(taken());
    return left.isNegative() ? Duration.ZERO : left;
  }

  Duration taken() {
    return Duration.ofNanos(System.nanoTime() - leasedAt);
  }

  /** Cuts the work off; nothing is reported of it. */
  void giveUp() {
    givenUp = true;
    work.abort();
    finish();
  }

  boolean isGivenUp() {
    return givenUp;
  }

  void finish() {
    over.tryComplete();
  }

  /** Succeeds when the report is made or not wanted any more. */
  Future<Void> over() {
    return over.future();
  }
}
