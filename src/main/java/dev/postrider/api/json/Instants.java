package dev.postrider.api.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** RFC 3339 date-times; written in UTC with exactly three digits of milliseconds. */
public final class Instants {

  private static final Pattern RFC_3339 =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"
              + "([Zz]|[+-][0-9]{2}:[0-9]{2})");
  private static final DateTimeFormatter WRITTEN =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final Instant FIRST = Instant.EPOCH;
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

  private Instants() {}

  /**
   * Reads an instant of the years 1970 to 9999; what is finer than a millisecond is cut off.
   *
   * @throws IllegalArgumentException if it is none; the message reads on after a field's name
   */
  public static Instant parse(String text) {
    if (text.length() <= 40 && RFC_3339.matcher(text).matches()) {
      try {
        Instant parsed = OffsetDateTime.parse(text.toUpperCase(java.util.Locale.ROOT)).toInstant();
        if (!parsed.isBefore(FIRST) && !parsed.isAfter(LAST)) {
          return Instant.ofEpochMilli(parsed.toEpochMilli());
        }
      } catch (DateTimeException e) {
        // A form that is right with a month 13 or an hour 25 in it: refused like any other.
      }
    }
    String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    throw new IllegalArgumentException(
        "must be an RFC 3339 date-time of the years 1970 to 9999, such as"
            + " 2027-01-31T08:00:00.000Z, not \""
            + shown
            + "\"");
  }

  /** Writes an instant as {@code 2027-01-31T08:00:00.000Z}. */
  public static String format(Instant instant) {
    return WRITTEN.format(instant);
  }
}
