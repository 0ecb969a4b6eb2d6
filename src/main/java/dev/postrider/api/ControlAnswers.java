package dev.postrider.api;

import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RerunResult;
import dev.postrider.store.RunSummary;
import org.jspecify.annotations.Nullable;

/** How controls, and reports by id, are answered; a refusal is thrown. */
final class ControlAnswers {

  private ControlAnswers() {}

  static Answer answer(ControlResult result, Control control) {
    if (result instanceof ControlResult.Applied applied) {
      return answer(applied.run());
    }
    if (result instanceof ControlResult.NotFound) {
      throw JobRoutes.notFound(control.key(), control.runId());
    }
    if (result instanceof ControlResult.Closed closed) {
      throw closed(closed.status());
    }
    if (result instanceof ControlResult.InvalidState state) {
      throw invalidState(state.status(), state.runState());
    }
    if (result instanceof ControlResult.CancelAlreadyRequested) {
      throw Problem.of(
              ProblemCode.CANCEL_ALREADY_REQUESTED,
              "Another request has asked for the cancellation before")
          .exception();
    }
    throw new IllegalStateException("a control answered " + result);
  }

  static Answer answer(RerunResult result, Control control) {
    if (result instanceof RerunResult.Started started) {
      return Answer.json(201, out -> JobJson.write(out, started.job()));
    }
    if (result instanceof RerunResult.InvalidState state) {
      throw invalidState(state.status(), state.runState());
    }
    throw JobRoutes.notFound(control.key(), control.runId());
  }

  static Answer answer(ReportResult result, JobKey key, @Nullable RunId runId) {
    if (result instanceof ReportResult.Accepted accepted) {
      return answer(accepted.run());
    }
    if (result instanceof ReportResult.Closed closed) {
      throw closed(closed.status());
    }
    if (result instanceof ReportResult.LeaseLost) {
      throw anotherAttempt();
    }
    throw JobRoutes.notFound(key, runId);
  }

  /** No attempt runs, or another one than was meant. */
  static ProblemException anotherAttempt() {
    return Problem.of(ProblemCode.LEASE_LOST, "The attempt meant is not the one that runs")
        .exception();
  }

  static ProblemException closed(JobStatus status) {
    return Problem.of(ProblemCode.JOB_CLOSED, "The job is closed: it is " + status.wire())
        .with("jobStatus", status.wire())
        .exception();
  }

  static ProblemException invalidState(JobStatus status, @Nullable RunState runState) {
    String state = runState == null ? status.wire() : runState.wire();
    Problem problem =
        Problem.of(ProblemCode.INVALID_STATE, "The job is " + state + ", where this cannot be done")
            .with("jobStatus", status.wire());
    return (runState == null ? problem : problem.with("runState", runState.wire())).exception();
  }

  private static Answer answer(RunSummary run) {
    return JobRoutes.runStatus(200, run.key(), run.runId(), run.status(), run.runState());
  }
}
