package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.dispatch.PollRequest;
import dev.postrider.dispatch.Tasks;
import dev.postrider.job.Failure;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.LeaseRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** What workers call: polling for tasks, and reporting on each by its token. */
final class TaskRoutes {

  private final Tasks tasks;
  private final ApiLimits limits;
  private final ReportAnswers answers;

  TaskRoutes(Tasks tasks, ApiLimits limits) {
    this.tasks = tasks;
    this.limits = limits;
    this.answers = new ReportAnswers(tasks);
  }

  Future<Answer> pollTasks(Exchange exchange) {
    TaskQueue queue = exchange.queue();
    return exchange
        .body(limits.maxBodyBytes())
        .compose(
            fields -> {
              String worker = PollFields.worker(fields);
              PollFields.Asked asked = PollFields.tasks(fields, limits);
              end(exchange, fields);
              LeaseRequest request =
                  new LeaseRequest(
                      queue, asked.maxTasks(), worker, false, asked.maxTasksPerSecond());
              return PollAnswers.answer(
                  exchange, tasks.poll(request, asked.patience()), TaskJson::write);
            });
  }

  Future<Answer> pollQueues(Exchange exchange) {
    String namespace = exchange.namespace();
    return exchange
        .body(limits.maxBodyBytes())
        .compose(
            fields -> {
              String worker = PollFields.worker(fields);
              boolean strict = PollFields.isStrict(fields);
              List<PollRequest.Share> queues = PollFields.queues(fields, namespace, strict, limits);
              PollFields.Asked asked = PollFields.tasks(fields, limits);
              end(exchange, fields);
              PollRequest request =
                  new PollRequest(
                      queues, strict, worker, asked.maxTasks(), asked.maxTasksPerSecond());
              return PollAnswers.answer(
                  exchange, tasks.poll(request, asked.patience()), TaskJson::write);
            });
  }

  Future<Answer> completeTask(Exchange exchange) {
    TaskToken token = exchange.token();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              Buffer result = fields.json("result");
              PollFields.Asked next = PollFields.next(fields, limits);
              end(exchange, fields);
              Completion completion = new Completion(token, result, null, next != null);
              return answers.answer(exchange, tasks.complete(completion), next);
            });
  }

  Future<Answer> failTask(Exchange exchange) {
    TaskToken token = exchange.token();
    return exchange
        .body(limits.maxBodyBytes())
        .compose(
            fields -> {
              Failure failure = FailureFields.require(fields);
              Buffer details = fields.json("heartbeatDetails");
              PollFields.Asked next = PollFields.next(fields, limits);
              end(exchange, fields);
              FailureReport report = new FailureReport(token, failure, details, null, next != null);
              return answers.answer(exchange, tasks.fail(report), next);
            });
  }

  Future<Answer> cancelTask(Exchange exchange) {
    TaskToken token = exchange.token();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              Buffer details = fields.json("details");
              PollFields.Asked next = PollFields.next(fields, limits);
              end(exchange, fields);
              Cancellation cancellation = new Cancellation(token, details, next != null);
              return answers.answer(exchange, tasks.canceled(cancellation), next);
            });
  }

  Future<Answer> heartbeatTask(Exchange exchange) {
    TaskToken token = exchange.token();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              Buffer details = fields.json("details");
              end(exchange, fields);
              return tasks
                  .heartbeat(new HeartbeatReport(token, details))
                  .map(HeartbeatAnswers::byToken);
            });
  }

  Future<Answer> handBackTask(Exchange exchange) {
    TaskToken token = exchange.token();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              end(exchange, fields);
              return tasks
                  .handBack(List.of(token))
                  .map(
                      lost -> {
                        if (!lost.isEmpty()) {
                          throw ReportAnswers.leaseLost();
                        }
                        return Answer.empty(204);
                      });
            });
  }

  private static void end(Exchange exchange, Fields fields) {
    fields.end();
    exchange.check();
  }
}
