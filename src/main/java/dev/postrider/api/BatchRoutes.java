package dev.postrider.api;

import dev.postrider.api.json.FieldErrors;
import dev.postrider.api.json.Fields;
import dev.postrider.api.json.JsonValue;
import dev.postrider.dispatch.Jobs;
import dev.postrider.job.StartRequest;
import dev.postrider.store.StartResult;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Starting many jobs in one call, each on its own. */
final class BatchRoutes {

  private static final long BYTES_PER_ANSWER = 600;

  private final Jobs jobs;
  private final StartReader reader;
  private final ApiLimits limits;

  BatchRoutes(Jobs jobs, ApiLimits limits) {
    this.jobs = jobs;
    this.reader = new StartReader(limits);
    this.limits = limits;
  }

  Future<Answer> startJobs(Exchange exchange) {
    String namespace = exchange.namespace();
    return exchange
        .body(limits.maxBatchBodyBytes())
        .compose(
            fields -> {
              JsonValue jobsField = fields.raw("jobs");
              long bytes = jobsField == null ? 0 : jobsField.length();
              return Heavy.run(bytes, () -> readAll(exchange, fields, namespace))
                  .compose(readings -> start(readings, bytes));
            });
  }

  private Future<Answer> start(List<Future<StartRequest>> readings, long bytes) {
    List<StartRequest> requests =
        readings.stream().filter(Future::succeeded).map(Future::result).toList();
    long answerBytes = bytes + BYTES_PER_ANSWER * readings.size();
    return jobs.startAll(requests)
        .compose(results -> Heavy.run(answerBytes, () -> answer(readings, results)));
  }

  private List<Future<StartRequest>> readAll(Exchange exchange, Fields fields, String namespace) {
    List<JsonValue> elements = elements(fields);
    exchange.check();
    List<Future<StartRequest>> readings = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      readings.add(read(elements.get(i), "jobs[" + i + "]", namespace));
    }
    return readings;
  }

  private List<JsonValue> elements(Fields fields) {
    fields.require("jobs");
    List<JsonValue> elements = fields.elements("jobs");
    fields.end();
    if (elements == null) {
      return List.of();
    }
    int size = elements.size();
    if (size < 1 || size > limits.maxBatchJobs()) {
      fields.report("jobs", "must have 1 to " + limits.maxBatchJobs() + " elements, not " + size);
    }
    return elements;
  }

  private Future<StartRequest> read(JsonValue element, String path, String namespace) {
    FieldErrors errors = new FieldErrors();
    try {
      Fields fields = Fields.of(element, path, errors);
      StartRequest request = reader.job(fields, namespace);
      return errors.isEmpty()
          ? Future.succeededFuture(request)
          : Future.failedFuture(Problem.invalid(errors).exception());
    } catch (ProblemException e) {
      return Future.failedFuture(e);
    }
  }

  private static Answer answer(
      List<Future<StartRequest>> readings, List<Future<StartResult>> results) {
    return Answer.json(
        200,
        out ->
            out.array(
                "results",
                list -> {
                  int started = 0;
                  for (Future<StartRequest> reading : readings) {
                    Future<StartAnswers.Started> outcome =
                        reading.succeeded()
                            ? results.get(started++).map(StartAnswers::started)
                            : Future.failedFuture(reading.cause());
                    list.element(entry -> write(entry, outcome));
                  }
                }));
  }

  private static void write(JsonOutput entry, Future<StartAnswers.Started> outcome)
      throws IOException {
    if (outcome.succeeded()) {
      StartAnswers.Started started = outcome.result();
      entry.number("status", started.status());
      entry.object("job", started::write);
    } else {
      Problem problem = Problems.of(outcome.cause());
      entry.number("status", problem.status());
      entry.object("problem", fields -> ProblemJson.write(fields, problem));
    }
  }
}
