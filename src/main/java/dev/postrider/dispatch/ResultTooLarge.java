package dev.postrider.dispatch;

import dev.postrider.job.Failure;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * The one refusal that changes state: a result or details that cannot be kept end their attempt for
 * good.
 */
final class ResultTooLarge {
  private ResultTooLarge() {}

  /** Why {@code result} cannot be kept; null = it can. */
  static @Nullable Failure ofResult(@Nullable Buffer result, ReportLimits limits) {
    return result == null || result.length() <= limits.maxResultBytes()
        ? null
        : failure("The result has ", result.length(), limits.maxResultBytes());
  }

  /** Why {@code details} cannot be kept; null = they can. */
  static @Nullable Failure ofDetails(@Nullable Buffer details, ReportLimits limits) {
    return details == null || details.length() <= limits.maxDetailsBytes()
        ? null
        : failure("The details have ", details.length(), limits.maxDetailsBytes());
  }

  private static Failure failure(String what, int length, int maxBytes) {
    String message = what + length + " bytes; at most " + maxBytes + " bytes are kept.";
    return new Failure("result_too_large", message, true, null, null, null);
  }

  static RefusedException refusal(Failure failure) {
    return new RefusedException(Refusal.RESULT_TOO_LARGE, failure.message());
  }
}
