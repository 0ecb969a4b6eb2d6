package dev.postrider.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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

  private static final String NOTICES = "notices:";
  private static final int LONGEST_NAME = 1_000;
  private static final double LEAST_RATE = 0.1;

  /** What the nodes' own workers are called. */
  private static final String BUILT_IN = "postrider/";

  /** A worker of another kind may know the type, and so may this one's next version. */
  private static final Registration<?> UNKNOWN =
      new Registration<>(
          Void.class,
          (context, none) -> {
            throw ApplicationFailure.retryable(
                "activity_not_registered",
                "this worker has no handler for the type " + context.task().type());
          });

  /**
   * @throws IllegalArgumentException if the service would refuse it
   */
  WorkerSettings {
    check("name", name);
    if (name.startsWith(BUILT_IN)) {
      throw new IllegalArgumentException("name must not begin with " + BUILT_IN + ": " + name);
    }
    queues.forEach(queue -> check("taskQueue", queue));
    if (maxTasksPerSecond != null
        && !(maxTasksPerSecond >= LEAST_RATE && Double.isFinite(maxTasksPerSecond))) {
      throw new IllegalArgumentException(
          "maxTasksPerSecond must be at least " + LEAST_RATE + " and finite: " + maxTasksPerSecond);
    }
  }

  private static void check(String what, String name) {
    int bytes = bytes(name);
    if (bytes < 1 || bytes > LONGEST_NAME) {
      throw new IllegalArgumentException(
          what + " must have 1 to " + LONGEST_NAME + " bytes, has " + bytes);
    }
  }

  private static int bytes(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length;
  }

  /** A queue of nobody else's, to be told of notices by. */
  String noticesQueue() {
    String queue = NOTICES + name;
    // As unique as the name, however long that is.
    return bytes(queue) <= LONGEST_NAME
        ? queue
        : NOTICES + UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
  }

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
