package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service how attempts have ended, until it answers. What it refuses as wrong is reported
 * as a failure, so that no attempt is left to its timeouts.
 */
final class TaskReporter {
  private static final Logger LOG = LoggerFactory.getLogger(TaskReporter.class);

  private final Reports reports;

  TaskReporter(Reports reports) {
    this.reports = reports;
  }

  /**
   * Reports.
   *
   * @param next what the answer is to bring; null = nothing
   * @return the answer; fails when there is nothing more to be done about the task
   */
  Future<JsonNode> report(RunningTask task, Ending.Report report, @Nullable ObjectNode next) {
    task.reporting();
    log(task, report);
    return task.heartbeats()
        .compose(ignored -> send(task, report, next))
        .recover(cause -> refused(task, report, cause))
        .onFailure(cause -> unreported(task, report, cause));
  }

  /** Gives a task back, within a time. */
  Future<?> handBack(RunningTask task, Duration within) {
    long end = System.nanoTime() + within.toNanos();
    return reports
        .report(
            task.token(),
            "hand-back",
            Json.object(),
            null,
            cause -> Retry.isTransient(cause) && System.nanoTime() - end < 0)
        .onSuccess(ignored -> LOG.debug("task.handed_back job={}", task.task().jobId()))
        .onFailure(
            cause ->
                LOG.warn("task.not_handed_back job={} cause={}", task.task().jobId(), cause + ""));
  }

  private Future<JsonNode> send(RunningTask task, Ending.Report report, @Nullable ObjectNode next) {
    ObjectNode asked = report.verb().equals("hand-back") ? null : next;
    return reports.report(task.token(), report.verb(), report.body(), asked, Persistence.of(task));
  }

  /** Reports a failure in place of what was refused; fails where that makes no sense. */
  private Future<JsonNode> refused(RunningTask task, Ending.Report report, Throwable cause) {
    if (!(cause instanceof ProblemException problem)) {
      return Future.failedFuture(cause);
    }
    ObjectNode failure;
    switch (problem.code()) {
      case "invalid_state" ->
          failure =
              Failures.json(
                  CanceledFailure.class.getName(),
                  "the handler ended as canceled, which nobody has requested",
                  false);
      case "body_too_large" ->
          failure =
              report.verb().equals("fail")
                  ? Failures.bare(report.body().path("failure"))
                  : Failures.json("result_too_large", problem.getMessage() + "", true);
      case "invalid_request", "malformed_json" ->
          failure = Failures.json("report_refused", problem.getMessage() + "", isFinal(report));
      default -> {
        return Future.failedFuture(cause);
      }
    }
    LOG.warn("task.report_refused job={} cause={}", task.task().jobId(), problem.getMessage());
    return send(task, Ending.failure(failure, null), null);
  }

  /** The same report would be refused again after another attempt, unless that was to fail. */
  private static boolean isFinal(Ending.Report report) {
    return !report.verb().equals("fail")
        || report.body().path("failure").path("nonRetryable").asBoolean();
  }

  private static void log(RunningTask task, Ending.Report report) {
    Task of = task.task();
    if (report.thrown() instanceof Error error) {
      LOG.error(
          "task.failed job={} type={} attempt={}", of.jobId(), of.type(), of.attempt(), error);
    } else if (report.verb().equals("fail")) {
      LOG.info(
          "task.failed job={} type={} attempt={} failure={}",
          of.jobId(),
          of.type(),
          of.attempt(),
          report.body().path("failure").path("type").asText(),
          report.thrown() instanceof ApplicationFailure ? null : report.thrown());
    } else {
      LOG.debug("task.{} job={} attempt={}", report.verb(), of.jobId(), of.attempt());
    }
  }

  private static void unreported(RunningTask task, Ending.Report report, Throwable cause) {
    Task of = task.task();
    if (cause instanceof LeaseLostException) {
      LOG.warn("task.lease_lost job={} attempt={}", of.jobId(), of.attempt());
    } else {
      LOG.error(
          "task.not_reported job={} attempt={} report={} cause={}",
          of.jobId(),
          of.attempt(),
          report.verb(),
          cause.toString());
    }
  }
}
