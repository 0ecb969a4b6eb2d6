package dev.postrider.delivery;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of one attempt to deliver. */
public sealed interface DeliveryOutcome {

  /** The receiver took it: it answered 2xx. */
  record Delivered(DeliveryResponse response) implements DeliveryOutcome {}

  /**
   * It was not taken, or nobody can tell whether it was.
   *
   * @param failureType {@code http.<status>} or one of {@link FailureType}
   * @param nonRetryable whether trying again is pointless
   * @param retryAfter how long the receiver asked to be left alone
   * @param response what it answered, if it did
   */
  record Refused(
      String failureType,
      String message,
      boolean nonRetryable,
      @Nullable Duration retryAfter,
      @Nullable DeliveryResponse response)
      implements DeliveryOutcome {

    /** The failure as an attempt reports it. */
    public Failure failure() {
      return new Failure(failureType, message, nonRetryable, retryAfter, null, null);
    }
  }

  /** It was given up from this side, by {@link Delivery#abort}; it may have been received. */
  record Aborted() implements DeliveryOutcome {}
}
