package dev.postrider.delivery;

import dev.postrider.job.Failure;
import io.vertx.core.Future;

/** What the built-in worker does with a task that only another worker can do: leaves it to that. */
final class UnknownActivity {
  private UnknownActivity() {}

  static final TaskHandler HANDLER =
      (task, within) ->
          new TaskHandler.Work() {
            @Override
            public Future<TaskHandler.Ending> ending() {
              String message =
                  "The built-in worker knows no activity of type \"" + task.type() + "\".";
              return Future.succeededFuture(
                  new TaskHandler.Failed(
                      new Failure("activity_not_registered", message, false, null, null, null),
                      null));
            }

            @Override
            public void abort() {}
          };
}
