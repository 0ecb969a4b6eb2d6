package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.TextRule;
import dev.postrider.dispatch.Jobs;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Reporting on a job by its id, for those who have no token. */
final class JobReportRoutes {

  private final Jobs jobs;
  private final ApiLimits limits;

  JobReportRoutes(Jobs jobs, ApiLimits limits) {
    this.jobs = jobs;
    this.limits = limits;
  }

  Future<Answer> completeJob(Exchange exchange) {
    JobKey key = exchange.key();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              Buffer result = fields.json("result");
              Which which = Which.read(fields);
              String requestId = fields.text("requestId", TextRule.REQUEST_ID);
              fields.end();
              exchange.check();
              return jobs.completeById(key, which.runId, which.attempt, result, requestId)
                  .map(answer -> ControlAnswers.answer(answer, key, which.runId));
            });
  }

  Future<Answer> failJob(Exchange exchange) {
    JobKey key = exchange.key();
    return exchange
        .body(limits.maxBodyBytes())
        .compose(
            fields -> {
              Failure failure = FailureFields.require(fields);
              Which which = Which.read(fields);
              String requestId = fields.text("requestId", TextRule.REQUEST_ID);
              fields.end();
              exchange.check();
              return jobs.failById(key, which.runId, which.attempt, failure, requestId)
                  .map(answer -> ControlAnswers.answer(answer, key, which.runId));
            });
  }

  Future<Answer> heartbeatJob(Exchange exchange) {
    JobKey key = exchange.key();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              Buffer details = fields.json("details");
              Which which = Which.read(fields);
              fields.end();
              exchange.check();
              return jobs.heartbeatById(key, which.runId, which.attempt, details)
                  .map(answer -> HeartbeatAnswers.byId(answer, key, which.runId));
            });
  }

  /** The run meant, and the attempt as fence. */
  private record Which(@Nullable RunId runId, @Nullable Integer attempt) {

    static Which read(Fields fields) {
      Long attempt = fields.integer("attempt", 1, Integer.MAX_VALUE);
      RunId runId = fields.parsed("runId", Exchange::parseRunId);
      return new Which(runId, attempt == null ? null : attempt.intValue());
    }
  }
}
