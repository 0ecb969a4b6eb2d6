package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.dispatch.Jobs;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.StartRequest;
import dev.postrider.store.StartResult;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Starting, describing and deleting one job, and waiting for its outcome. */
final class JobRoutes {

  private final Jobs jobs;
  private final StartReader reader;
  private final ApiLimits limits;

  JobRoutes(Jobs jobs, ApiLimits limits) {
    this.jobs = jobs;
    this.reader = new StartReader(limits);
    this.limits = limits;
  }

  Future<Answer> startWebhook(Exchange exchange) {
    return start(exchange, reader::webhook);
  }

  Future<Answer> startJob(Exchange exchange) {
    return start(exchange, reader::job);
  }

  private Future<Answer> start(Exchange exchange, Reading reading) {
    String namespace = exchange.namespace();
    Duration wait = exchange.wait(limits.maxWait());
    return exchange
        .body(limits.maxBodyBytes())
        .compose(
            fields -> {
              StartRequest request = reading.read(fields, namespace);
              exchange.check();
              return start(request, wait);
            })
        .map(StartAnswers::answer);
  }

  private Future<StartResult> start(StartRequest request, Duration wait) {
    return wait.isZero() ? jobs.start(request) : jobs.start(request, wait);
  }

  Future<Answer> describeJob(Exchange exchange) {
    JobKey key = exchange.key();
    RunId runId = exchange.runId();
    exchange.check();
    return jobs.describe(key, runId)
        .map(
            found -> {
              Job job = found.orElseThrow(() -> notFound(key, runId));
              return Answer.json(200, out -> JobJson.write(out, job));
            });
  }

  Future<Answer> deleteJob(Exchange exchange) {
    JobKey key = exchange.key();
    RunId runId = exchange.runId();
    exchange.check();
    return jobs.delete(key, runId)
        .map(
            deleted -> {
              if (!deleted) {
                throw notFound(key, runId);
              }
              return Answer.empty(204);
            });
  }

  Future<Answer> getResult(Exchange exchange) {
    JobKey key = exchange.key();
    RunId runId = exchange.runId();
    Duration wait = exchange.wait(limits.maxWait());
    exchange.check();
    return jobs.result(key, runId, wait)
        .map(found -> result(found.orElseThrow(() -> notFound(key, runId))));
  }

  private static Answer result(Job job) {
    JobStatus status = job.state().status();
    return status.isOpen()
        ? runStatus(202, job.key(), job.runId(), status, job.state().runState())
        : Answer.json(200, out -> JobJson.writeResult(out, job));
  }

  /** Which run it is and where it stands. */
  static Answer runStatus(
      int status, JobKey key, RunId runId, JobStatus jobStatus, @Nullable RunState runState) {
    return Answer.json(status, out -> write(out, key, runId, jobStatus, runState));
  }

  static void write(
      JsonOutput out, JobKey key, RunId runId, JobStatus jobStatus, @Nullable RunState runState)
      throws IOException {
    out.text("id", key.id());
    out.text("runId", runId.toString());
    out.text("status", jobStatus.wire());
    out.text("runState", runState == null ? null : runState.wire());
  }

  static ProblemException notFound(JobKey key, @Nullable RunId runId) {
    String run = runId == null ? "job" : "run " + runId + " of a job";
    return Problem.of(
            ProblemCode.JOB_NOT_FOUND,
            "There is no " + run + " with this id in the namespace " + key.namespace())
        .exception();
  }

  /** Reads a start out of the fields of a body. */
  private interface Reading {
    StartRequest read(Fields fields, String namespace);
  }
}
