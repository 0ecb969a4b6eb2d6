package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A handler and what it takes. */
record Registration<I>(Class<I> inputType, TaskHandler<I> handler) {

  /** Calls the handler with the input of a job; {@code node} is null where it has none. */
  @Nullable Object call(TaskContext context, @Nullable JsonNode node, Json json) throws Exception {
    return handler.handle(context, input(node, json));
  }

  @SuppressWarnings("NullAway") // Void has no other value.
  private I input(@Nullable JsonNode node, Json json) {
    if (inputType == Void.class) {
      return null;
    }
    if (inputType == JsonNode.class) {
      return inputType.cast(node == null ? MissingNode.getInstance() : node);
    }
    I input;
    try {
      input = json.<I>read(node, inputType);
    } catch (IOException e) {
      throw unreadable("cannot be read: " + e.getMessage(), e);
    }
    if (input == null) {
      throw unreadable("is missing", null);
    }
    return input;
  }

  // Retryable: the next attempt may meet a worker that knows better.
  private ApplicationFailure unreadable(String message, @Nullable Exception cause) {
    return ApplicationFailure.newBuilder(
            "input_not_readable", "the input, a " + inputType.getSimpleName() + ", " + message)
        .cause(cause)
        .build();
  }
}
