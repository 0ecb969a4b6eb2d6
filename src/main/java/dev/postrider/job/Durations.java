package dev.postrider.job;

import java.time.Duration;

/**
 * The one notation of durations, in requests, answers and the configuration: a whole number and a
 * unit out of {@code ms s m h d}, as in {@code 500ms} or {@code 7d}. No fractions, no signs, no
 * leading zeros, no bare numbers, so that nobody has to guess the unit.
 */
public final class Durations {

  /** The longest duration that can be written: a hundred years of 365 days, 36500d. */
  public static final Duration MAX = Duration.ofDays(36_500);

  private static final long MAX_MILLIS = MAX.toMillis();
  private static final int MAX_DIGITS = 12;

  private static final long SECOND = 1_000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private Durations() {}

  /**
   * Reads a duration.
   *
   * @throws IllegalArgumentException if {@code text} is not in the notation or longer than {@link
   *     #MAX}; the message is a rule that reads on after the name of a field ("must be …")
   */
  public static Duration parse(String text) {
    return Duration.ofMillis(parseMillis(text));
  }

  /**
   * Reads a duration as milliseconds.
   *
   * @throws IllegalArgumentException as {@link #parse} does
   */
  public static long parseMillis(String text) {
    int length = text.length();
    int end = 0;
    long amount = 0;
    while (end < length && isDigit(text.charAt(end))) {
      if (end == MAX_DIGITS) {
        throw malformed(text);
      }
      amount = amount * 10 + (text.charAt(end) - '0');
      end++;
    }
    if (end == 0 || (end > 1 && text.charAt(0) == '0')) {
      throw malformed(text);
    }
    long unit = unitMillis(text, end);
    if (unit == 0) {
      throw malformed(text);
    }
    if (amount > MAX_MILLIS / unit) {
      throw new IllegalArgumentException("must be at most " + format(MAX) + ", not " + text);
    }
    return amount * unit;
  }

  /**
   * Writes a duration with the largest unit that divides it exactly; zero is {@code 0s}. {@link
   * #parse} reads it back as the same value.
   *
   * @throws IllegalArgumentException if it is negative, longer than {@link #MAX} or has a fraction
   *     of a millisecond
   */
  public static String format(Duration duration) {
    if (duration.compareTo(MAX) > 0 || duration.toNanosPart() % 1_000_000 != 0) {
      throw new IllegalArgumentException("not a duration of whole milliseconds up to " + MAX);
    }
    return formatMillis(duration.toMillis());
  }

  /**
   * Writes a duration given in milliseconds.
   *
   * @throws IllegalArgumentException if it is negative or longer than {@link #MAX}
   */
  public static String formatMillis(long millis) {
    if (millis < 0 || millis > MAX_MILLIS) {
      throw new IllegalArgumentException("not a duration of 0 to " + MAX_MILLIS + " ms: " + millis);
    }
    if (millis % SECOND != 0) {
      return millis + "ms";
    }
    if (millis == 0 || millis % MINUTE != 0) {
      return millis / SECOND + "s";
    }
    if (millis % HOUR != 0) {
      return millis / MINUTE + "m";
    }
    if (millis % DAY != 0) {
      return millis / HOUR + "h";
    }
    return millis / DAY + "d";
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The length of the unit that is all of {@code text} from {@code start} on; 0 if it is none. */
  private static long unitMillis(String text, int start) {
    int length = text.length() - start;
    if (length == 2) {
      return text.charAt(start) == 'm' && text.charAt(start + 1) == 's' ? 1 : 0;
    }
    if (length != 1) {
      return 0;
    }
    return switch (text.charAt(start)) {
      case 's' -> SECOND;
      case 'm' -> MINUTE;
      case 'h' -> HOUR;
      case 'd' -> DAY;
      default -> 0;
    };
  }

  private static IllegalArgumentException malformed(String text) {
    String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    return new IllegalArgumentException(
        "must be a whole number of at most "
            + MAX_DIGITS
            + " digits and a unit out of ms, s, m, h, d, such as 500ms or 7d, not \""
            + shown
            + "\"");
  }
}
