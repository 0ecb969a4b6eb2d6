package dev.postrider.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a worker is, checked. */
record WorkerSettings(
    String namespace,
    String name,
    List<String> queues,
    Map<String, Registration<?>> handlers,
    int concurrency,
    @Nullable Double maxTasksPerSecond,
    Executor executor) {

  /** A worker of another kind may know the type, and so may this one's next version. */
  private static final Registration<?> UNKNOWN =
      new Registration<>(
          Void.class,
          (context, none) -> {
            throw ApplicationFailure.retryable(
                "activity_not_registered",
                "this worker has no handler for the type " + context.task().type());
          });

  Registration<?> handlerOf(String type) {
    Registration<?> handler = handlers.get(type);
    return handler != null ? handler : UNKNOWN;
  }

  String pollPath(String queue) {
    return "/v1/task-queues/"
        + WireFormat.encode(queue)
        + "/poll?namespace="
        + WireFormat.encode(namespace);
  }

  /** What a call asks for. */
  ObjectNode ask(int tasks, Duration wait) {
    ObjectNode body = Json.object().put("maxTasks", tasks);
    WireFormat.put(body, "wait", wait);
    if (maxTasksPerSecond != null) {
      body.put("maxTasksPerSecond", maxTasksPerSecond);
    }
    return body;
  }
}
