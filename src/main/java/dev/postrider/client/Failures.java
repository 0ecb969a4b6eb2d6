package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Exceptions as the service keeps failures. */
final class Failures {
  /** Beyond that, causes tell nothing new. */
  private static final int MOST_CAUSES = 5;

  /** More than humans read; the worker's log has the rest. */
  private static final int LONGEST_MESSAGE = 4_000;

  private static final int REPLACEMENT = 0xFFFD;

  private Failures() {}

  static ObjectNode json(Throwable thrown, Json json) {
    return json(thrown, json, 0);
  }

  static ObjectNode json(String type, String message, boolean nonRetryable) {
    return Json.object()
        .put("type", wellFormed(type))
        .put("message", shorten(message))
        .put("nonRetryable", nonRetryable);
  }

  /** A failure without what may have made it too large: its own type and retryability stay. */
  static ObjectNode bare(JsonNode failure) {
    return failure.<ObjectNode>deepCopy().without(List.of("details", "cause"));
  }

  private static ObjectNode json(Throwable thrown, Json json, int depth) {
    ObjectNode node;
    if (thrown instanceof ApplicationFailure failure) {
      node = json(failure.type(), message(failure), failure.isNonRetryable());
      WireFormat.put(node, "nextRetryDelay", failure.nextRetryDelay());
      json.put(node, "details", failure.details());
    } else {
      node = json(thrown.getClass().getName(), message(thrown), false);
    }
    Throwable cause = thrown.getCause();
    if (cause != null && cause != thrown && depth < MOST_CAUSES) {
      node.set("cause", json(cause, json, depth + 1));
    }
    return node;
  }

  private static String message(Throwable thrown) {
    @Nullable String message = thrown.getMessage();
    return message == null ? "" : message;
  }

  private static String shorten(String message) {
    if (message.length() <= LONGEST_MESSAGE) {
      return wellFormed(message);
    }
    boolean pair = Character.isHighSurrogate(message.charAt(LONGEST_MESSAGE - 1));
    return wellFormed(message.substring(0, LONGEST_MESSAGE - (pair ? 1 : 0))) + "…";
  }

  /** What can be written in UTF-8: halves of pairs alone are replaced. */
  private static String wellFormed(String text) {
    return text.codePoints()
        .map(point -> Character.getType(point) == Character.SURROGATE ? REPLACEMENT : point)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
