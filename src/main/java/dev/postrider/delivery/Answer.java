package dev.postrider.delivery;

import dev.postrider.delivery.DeliveryOutcome.Delivered;
import dev.postrider.delivery.DeliveryOutcome.Refused;
import dev.postrider.job.DeliveryResponse;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides by a receiver's answer whether a webhook was taken.
 *
 * <p>Any 2xx is a success and everything else a failure; redirects are not followed. The status
 * decides alone: a receiver that answers 200 and then stalls has taken the event. 410, and a {@code
 * webhook-delivery} header that says so, end the job: the receiver wants no more of it. {@code
 * Retry-After} is obeyed with 429 and 503.
 */
final class Answer {

  private static final int GONE = 410;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final int LONGEST_LOCATION = 200;

  private Answer() {}

  /**
   * The outcome of an answer.
   *
   * @param maxRetryAfter what a longer {@code Retry-After} is cut to
   * @param now when it came, for a {@code Retry-After} that is a date
   */
  static DeliveryOutcome judge(
      DeliveryResponse response, MultiMap headers, Duration maxRetryAfter, Instant now) {
    int status = response.status();
    if (status >= 200 && status < 300) {
      return new Delivered(response);
    }
    return new Refused(
        FailureType.http(status),
        message(status, headers),
        isFinal(status, headers),
        retryAfter(status, headers, maxRetryAfter, now),
        response);
  }

  private static String message(int status, MultiMap headers) {
    String location = headers.get("Location");
    if (status < 300 || status >= 400 || location == null) {
      return "the receiver answered " + status;
    }
    String shown =
        location.length() > LONGEST_LOCATION
            ? location.substring(0, LONGEST_LOCATION) + "…"
            : location;
    return "the receiver answered " + status + " to " + shown + ", which is not followed";
  }

  private static boolean isFinal(int status, MultiMap headers) {
    String wish = headers.get("webhook-delivery");
    return status == GONE
        || (wish != null
            && switch (wish.strip().toLowerCase(Locale.ROOT)) {
              case "abort-message", "disable" -> true;
              default -> false;
            });
  }

  private static @Nullable Duration retryAfter(
      int status, MultiMap headers, Duration most, Instant now) {
    return status == TOO_MANY_REQUESTS || status == SERVICE_UNAVAILABLE
        ? RetryAfter.parse(headers.get("Retry-After"), headers.get("Date"), now, most)
        : null;
  }
}
