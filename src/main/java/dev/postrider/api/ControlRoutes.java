package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.JsonValue;
import dev.postrider.api.json.TextRule;
import dev.postrider.dispatch.Jobs;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RerunResult;
import dev.postrider.store.RunSummary;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Changing the course of one job. */
final class ControlRoutes {

  private final Jobs jobs;
  private final ApiLimits limits;

  ControlRoutes(Jobs jobs, ApiLimits limits) {
    this.jobs = jobs;
    this.limits = limits;
  }

  Future<Answer> cancelJob(Exchange exchange) {
    return control(exchange, jobs::cancel);
  }

  Future<Answer> terminateJob(Exchange exchange) {
    return control(exchange, jobs::terminate);
  }

  Future<Answer> retryJobNow(Exchange exchange) {
    return control(exchange, jobs::retryNow);
  }

  Future<Answer> unpauseJob(Exchange exchange) {
    return read(
        exchange,
        fields -> fields.duration("jitter"),
        (control, jitter) ->
            jobs.unpause(control, jitter == null ? Duration.ZERO : jitter)
                .map(result -> answer(result, control)));
  }

  private Future<Answer> control(Exchange exchange, Function<Control, Future<ControlResult>> verb) {
    return read(
        exchange,
        fields -> null,
        (control, none) -> verb.apply(control).map(result -> answer(result, control)));
  }

  Future<Answer> rerunJob(Exchange exchange) {
    return read(
        exchange,
        fields -> null,
        (control, none) -> jobs.rerun(control).map(result -> answer(result, control)));
  }

  /** Reads what every control takes, and what one of them takes beside. */
  private <T> Future<Answer> read(
      Exchange exchange,
      Function<Fields, @Nullable T> more,
      BiFunction<Control, @Nullable T, Future<Answer>> verb) {
    JobKey key = exchange.key();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              String reason = fields.text("reason", TextRule.lines(limits.maxReasonBytes()));
              RunId runId = fields.parsed("runId", Exchange::parseRunId);
              String requestId = fields.text("requestId", TextRule.REQUEST_ID);
              T further = more.apply(fields);
              fields.end();
              exchange.check();
              return verb.apply(new Control(key, runId, reason, requestId), further);
            });
  }

  Future<Answer> completeJob(Exchange exchange) {
    JobKey key = exchange.key();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              JsonValue result = fields.raw("result");
              Long attempt = fields.integer("attempt", 1, Integer.MAX_VALUE);
              RunId runId = fields.parsed("runId", Exchange::parseRunId);
              String requestId = fields.text("requestId", TextRule.REQUEST_ID);
              fields.end();
              exchange.check();
              return jobs.completeById(
                      key,
                      runId,
                      attempt == null ? null : attempt.intValue(),
                      result == null ? null : Buffer.buffer(result.bytes()),
                      requestId)
                  .map(answer -> answer(answer, key, runId));
            });
  }

  private static Answer answer(ControlResult result, Control control) {
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

  private static Answer answer(RerunResult result, Control control) {
    if (result instanceof RerunResult.Started started) {
      return Answer.json(201, out -> JobJson.write(out, started.job()));
    }
    if (result instanceof RerunResult.InvalidState state) {
      throw invalidState(state.status(), state.runState());
    }
    throw JobRoutes.notFound(control.key(), control.runId());
  }

  private static Answer answer(ReportResult result, JobKey key, @Nullable RunId runId) {
    if (result instanceof ReportResult.Accepted accepted) {
      return answer(accepted.run());
    }
    if (result instanceof ReportResult.Closed closed) {
      throw closed(closed.status());
    }
    if (result instanceof ReportResult.LeaseLost) {
      throw Problem.of(ProblemCode.LEASE_LOST, "The job's attempt is another one").exception();
    }
    throw JobRoutes.notFound(key, runId);
  }

  private static Answer answer(RunSummary run) {
    return JobRoutes.runStatus(200, run.key(), run.runId(), run.status(), run.runState());
  }

  private static ProblemException closed(JobStatus status) {
    return Problem.of(ProblemCode.JOB_CLOSED, "The job is closed: it is " + status.wire())
        .with("jobStatus", status.wire())
        .exception();
  }

  private static ProblemException invalidState(JobStatus status, @Nullable RunState runState) {
    String state = runState == null ? status.wire() : runState.wire();
    Problem problem =
        Problem.of(ProblemCode.INVALID_STATE, "The job is " + state + ", where this cannot be done")
            .with("jobStatus", status.wire());
    return (runState == null ? problem : problem.with("runState", runState.wire())).exception();
  }
}
