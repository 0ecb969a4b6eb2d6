package dev.postrider.delivery;

import dev.postrider.dispatch.Tasks;
import dev.postrider.job.TaskToken;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.ReportResult;
import dev.postrider.store.StoreUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Reports how an attempt ended, again and again while the store is away; a report may be made twice
 * without harm.
 */
final class Reporter {
  private static final long FIRST_REST_MS = 20;
  private static final long LONGEST_REST_MS = 500;

  private final Vertx vertx;
  private final Tasks tasks;

  Reporter(Vertx vertx, Tasks tasks) {
    this.vertx = vertx;
    this.tasks = tasks;
  }

  /**
   * Reports.
   *
   * @param within how long it makes sense to try: until the attempt's deadline
   */
  Future<ReportResult> report(TaskToken token, TaskHandler.Ending ending, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    return attempt(() -> send(token, ending), deadline, FIRST_REST_MS);
  }

  private Future<ReportResult> send(TaskToken token, TaskHandler.Ending ending) {
    if (ending instanceof TaskHandler.Done done) {
      return tasks.complete(new Completion(token, done.result(), done.response()));
    }
    TaskHandler.Failed failed = (TaskHandler.Failed) ending;
    return tasks.fail(new FailureReport(token, failed.failure(), failed.response()));
  }

  private Future<ReportResult> attempt(
      Supplier<Future<ReportResult>> report, long deadline, long restMs) {
    return report
        .get()
        .recover(
            cause -> {
              boolean late = System.nanoTime() + restMs * 1_000_000 - deadline >= 0;
              if (late || !(cause instanceof StoreUnavailableException)) {
                return Future.failedFuture(cause);
              }
              long next = Math.min(2 * restMs, LONGEST_REST_MS);
              return vertx.timer(restMs).compose(id -> attempt(report, deadline, next));
            });
  }
}
