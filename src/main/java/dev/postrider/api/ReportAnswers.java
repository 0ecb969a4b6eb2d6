package dev.postrider.api;

import dev.postrider.dispatch.Poll;
import dev.postrider.dispatch.Tasks;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Leaseholder;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RunSummary;
import io.vertx.core.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** How the report that ends an attempt is answered, with further tasks where they are asked for. */
final class ReportAnswers {

  private final Tasks tasks;

  ReportAnswers(Tasks tasks) {
    this.tasks = tasks;
  }

  /**
   * @param next null = no tasks are asked for
   */
  Future<Answer> answer(
      Exchange exchange, Future<ReportResult> report, PollFields.@Nullable Asked next) {
    return report.compose(
        result -> {
          ReportResult.Accepted accepted = accepted(result);
          Leaseholder holder = accepted.holder();
          if (next == null) {
            return Future.succeededFuture(Answer.json(200, out -> write(out, accepted.run())));
          }
          return holder == null
              ? Future.succeededFuture(with(accepted.run(), LeaseResult.NOTHING))
              : further(
                  exchange,
                  accepted.run(),
                  tasks.next(holder, next.maxTasks(), next.patience(), next.maxTasksPerSecond()));
        });
  }

  /** The report was taken, so it is answered as taken, whatever becomes of the poll beside it. */
  private static Future<Answer> further(Exchange exchange, RunSummary run, Poll poll) {
    return PollAnswers.answer(
            exchange,
            poll,
            (out, found) -> {
              write(out, run);
              TaskJson.write(out, found);
            })
        .otherwise(refused -> with(run, LeaseResult.NOTHING));
  }

  private static ReportResult.Accepted accepted(ReportResult result) {
    if (result instanceof ReportResult.Accepted accepted) {
      return accepted;
    }
    if (result instanceof ReportResult.CancelNotRequested state) {
      throw ControlAnswers.invalidState(state.status(), state.runState());
    }
    if (result instanceof ReportResult.LeaseLost) {
      throw leaseLost();
    }
    throw new IllegalStateException("a report answered " + result);
  }

  static ProblemException leaseLost() {
    return Problem.of(
            ProblemCode.LEASE_LOST, "This attempt is over, or its job is closed or deleted")
        .exception();
  }

  private static Answer with(RunSummary run, LeaseResult found) {
    return Answer.json(
        200,
        out -> {
          write(out, run);
          TaskJson.write(out, found);
        });
  }

  private static void write(JsonOutput out, RunSummary run) throws IOException {
    JobRoutes.write(out, run.key(), run.runId(), run.status(), run.runState());
    out.instant("nextAttemptAt", run.nextAttemptAt());
  }
}
