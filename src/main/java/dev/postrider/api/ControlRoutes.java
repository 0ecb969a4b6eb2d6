package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.TextRule;
import dev.postrider.dispatch.Jobs;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.ResetOptions;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Objects;
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
                .map(result -> ControlAnswers.answer(result, control)));
  }

  Future<Answer> pauseJob(Exchange exchange) {
    return control(exchange, jobs::pause);
  }

  Future<Answer> resetJob(Exchange exchange) {
    return read(
        exchange,
        ControlRoutes::reset,
        (control, options) ->
            jobs.reset(control, Objects.requireNonNull(options))
                .map(result -> ControlAnswers.answer(result, control)));
  }

  private static ResetOptions reset(Fields fields) {
    Boolean keepPaused = fields.bool("keepPaused");
    Boolean resetHeartbeat = fields.bool("resetHeartbeat");
    Duration jitter = fields.duration("jitter");
    Boolean restore = fields.bool("restoreOriginalOptions");
    return new ResetOptions(
        Boolean.TRUE.equals(keepPaused),
        Boolean.TRUE.equals(resetHeartbeat),
        jitter == null ? Duration.ZERO : jitter,
        Boolean.TRUE.equals(restore));
  }

  private Future<Answer> control(Exchange exchange, Function<Control, Future<ControlResult>> verb) {
    return read(
        exchange,
        fields -> null,
        (control, none) ->
            verb.apply(control).map(result -> ControlAnswers.answer(result, control)));
  }

  Future<Answer> rerunJob(Exchange exchange) {
    return read(
        exchange,
        fields -> null,
        (control, none) ->
            jobs.rerun(control).map(result -> ControlAnswers.answer(result, control)));
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
              Control control = control(key, fields, limits);
              T further = more.apply(fields);
              fields.end();
              exchange.check();
              return verb.apply(control, further);
            });
  }

  /** What every control takes. */
  static Control control(JobKey key, Fields fields, ApiLimits limits) {
    String reason = fields.text("reason", TextRule.lines(limits.maxReasonBytes()));
    RunId runId = fields.parsed("runId", Exchange::parseRunId);
    String requestId = fields.text("requestId", TextRule.REQUEST_ID);
    return new Control(key, runId, reason, requestId);
  }
}
