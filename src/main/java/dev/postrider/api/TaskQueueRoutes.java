package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.TextRule;
import dev.postrider.dispatch.Queues;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.UpdateLimitsResult;
import io.vertx.core.Future;
import java.util.function.Function;

/** Looking at task queues, and changing whose turn it is. */
final class TaskQueueRoutes {

  private final Queues queues;
  private final ApiLimits limits;

  TaskQueueRoutes(Queues queues, ApiLimits limits) {
    this.queues = queues;
    this.limits = limits;
  }

  Future<Answer> listTaskQueues(Exchange exchange) {
    String namespace = exchange.namespace();
    Paging paging = Paging.of(exchange, limits);
    exchange.check();
    return queues
        .list(namespace, paging.size(), paging.token())
        .map(page -> Answer.json(200, out -> TaskQueueJson.write(out, page)));
  }

  Future<Answer> describeTaskQueue(Exchange exchange) {
    TaskQueue queue = exchange.queue();
    exchange.check();
    return queues.describe(queue).map(TaskQueueRoutes::answer);
  }

  Future<Answer> updateTaskQueue(Exchange exchange) {
    TaskQueue queue = exchange.queue();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              QueueControl control = control(queue, fields);
              LimitsChange change =
                  LimitsReader.read(fields, queues.partitions(), limits.maxQueueEntries());
              fields.end();
              exchange.check();
              return queues
                  .updateLimits(control, change)
                  .compose(result -> updated(result, queue))
                  .map(TaskQueueRoutes::answer);
            });
  }

  Future<Answer> pauseTaskQueue(Exchange exchange) {
    return control(exchange, queues::pause);
  }

  Future<Answer> unpauseTaskQueue(Exchange exchange) {
    return control(exchange, queues::unpause);
  }

  private Future<Answer> control(
      Exchange exchange, Function<QueueControl, Future<QueueDescription>> verb) {
    TaskQueue queue = exchange.queue();
    return exchange
        .optionalBody(limits.maxBodyBytes())
        .compose(
            fields -> {
              QueueControl control = control(queue, fields);
              fields.end();
              exchange.check();
              return verb.apply(control).map(TaskQueueRoutes::answer);
            });
  }

  private QueueControl control(TaskQueue queue, Fields fields) {
    String reason = fields.text("reason", TextRule.lines(limits.maxReasonBytes()));
    String requestId = fields.text("requestId", TextRule.REQUEST_ID);
    return new QueueControl(queue, reason, requestId);
  }

  private Future<QueueDescription> updated(UpdateLimitsResult result, TaskQueue queue) {
    if (result instanceof UpdateLimitsResult.TooMany tooMany) {
      throw Problem.invalidField(
              tooMany.field(),
              "must have at most "
                  + tooMany.most()
                  + " entries with those that are set already, not "
                  + tooMany.entries())
          .exception();
    }
    return queues.describe(queue);
  }

  private static Answer answer(QueueDescription description) {
    return Answer.json(200, out -> TaskQueueJson.write(out, description));
  }
}
