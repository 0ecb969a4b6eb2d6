package dev.postrider.dispatch;

import dev.postrider.job.Failure;

/** The one refusal that changes state: a result that cannot be kept ends its attempt for good. */
final class ResultTooLarge {
  private ResultTooLarge() {}

  static Failure failure(int length, int maxBytes) {
    String message =
        "The result has " + length + " bytes; at most " + maxBytes + " bytes are kept.";
    return new Failure("result_too_large", message, true, null, null, null);
  }

  static RefusedException refusal(Failure failure) {
    return new RefusedException(Refusal.RESULT_TOO_LARGE, failure.message());
  }
}
