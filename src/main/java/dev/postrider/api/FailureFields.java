package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.TextRule;
import dev.postrider.job.Failure;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads the failures that workers report. */
final class FailureFields {

  /** How many failures may lie behind the one that is reported. */
  static final int MAX_CAUSES = 10;

  private static final TextRule TYPE = new TextRule(1, 1000, true, false);
  private static final Failure NONE = new Failure("", "", false, null, null, null);

  private FailureFields() {}

  /** The member {@code failure}, which must be there; only to be used if there are no errors. */
  static Failure require(Fields fields) {
    fields.require("failure");
    Fields failure = fields.object("failure");
    return failure == null ? NONE : read(failure, 0);
  }

  private static Failure read(Fields fields, int depth) {
    String type = fields.requiredText("type", TYPE);
    String message = fields.freeText("message");
    Boolean nonRetryable = fields.bool("nonRetryable");
    Duration delay = fields.duration("nextRetryDelay");
    Buffer details = fields.json("details");
    Failure cause = cause(fields, depth);
    fields.end();
    return new Failure(
        type,
        message == null ? "" : message,
        nonRetryable != null && nonRetryable,
        delay == null || delay.isZero() ? null : delay,
        details,
        cause);
  }

  private static @Nullable Failure cause(Fields fields, int depth) {
    Fields cause = fields.object("cause");
    if (cause == null) {
      return null;
    }
    if (depth == MAX_CAUSES) {
      fields.report("cause", "must not lie behind more than " + MAX_CAUSES + " others");
      return null;
    }
    return read(cause, depth + 1);
  }
}
