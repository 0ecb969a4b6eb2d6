package dev.postrider.delivery;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After}, RFC 9110 §10.2.3: seconds, or an HTTP date. */
final class RetryAfter {

  private RetryAfter() {}

  /**
   * How long to wait.
   *
   * @param value the header's value
   * @param date the answer's own {@code Date}: a date is measured against the clock it was written
   *     by, if that is known
   * @param now this side's clock, if not
   * @param most a longer wait is cut to this
   * @return null if there is no such header, it cannot be read, or the time is not in the future:
   *     then the retry policy decides alone
   */
  static @Nullable Duration parse(
      @Nullable String value, @Nullable String date, Instant now, Duration most) {
    if (value == null) {
      return null;
    }
    String text = value.strip();
    Duration wait = text.matches("[0-9]+") ? seconds(text) : until(text, date, now);
    if (wait == null || wait.isZero() || wait.isNegative()) {
      return null;
    }
    return wait.compareTo(most) > 0 ? most : wait;
  }

  private static Duration seconds(String digits) {
    return Duration.ofSeconds(digits.length() > 10 ? Integer.MAX_VALUE : Long.parseLong(digits));
  }

  private static @Nullable Duration until(String text, @Nullable String date, Instant now) {
    Instant then = instant(text);
    if (then == null) {
      return null;
    }
    Instant written = date == null ? null : instant(date.strip());
    Duration wait = Duration.between(written == null ? now : written, then);
    return Duration.ofMillis(wait.toMillis());
  }

  private static @Nullable Instant instant(String text) {
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
