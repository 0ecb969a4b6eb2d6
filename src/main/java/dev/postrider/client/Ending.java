package dev.postrider.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** How a handler has ended. */
sealed interface Ending {

  /** The service is to be told; {@code verb} and {@code body} as its API takes them. */
  record Report(String verb, ObjectNode body, @Nullable Throwable thrown) implements Ending {}

  /** There is nothing to tell: somebody else will, or the lease is lost. */
  record Silent(String why) implements Ending {}

  static Ending completed(@Nullable Object result, Json json) {
    try {
      return new Report("complete", json.put(Json.object(), "result", result), null);
    } catch (IllegalArgumentException e) {
      // The work is done, and would be for nothing again.
      return failed(
          ApplicationFailure.newBuilder("result_not_writable", "the result " + e.getMessage())
              .nonRetryable(true)
              .build(),
          json);
    }
  }

  static Ending failed(Throwable thrown, Json json) {
    if (thrown instanceof CompletionException && thrown.getCause() != null) {
      return failed(thrown.getCause(), json);
    }
    if (thrown instanceof LeaseLostException) {
      return new Silent("its lease is lost");
    }
    if (thrown instanceof HandBack) {
      return new Report("hand-back", Json.object(), null);
    }
    try {
      if (thrown instanceof CanceledFailure canceled) {
        ObjectNode body = json.put(Json.object(), "details", canceled.details());
        return new Report("canceled", body, null);
      }
      return failure(Failures.json(thrown, json), thrown);
    } catch (IllegalArgumentException e) {
      String type = thrown instanceof ApplicationFailure f ? f.type() : thrown.getClass().getName();
      boolean last = thrown instanceof ApplicationFailure f && f.isNonRetryable();
      String message = thrown.getMessage() + " (details " + e.getMessage() + ")";
      return failure(Failures.json(type, message, last), thrown);
    }
  }

  static Report failure(ObjectNode failure, @Nullable Throwable thrown) {
    ObjectNode body = Json.object();
    body.set("failure", failure);
    return new Report("fail", body, thrown);
  }
}
