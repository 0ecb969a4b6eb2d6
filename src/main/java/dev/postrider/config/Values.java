package dev.postrider.config;

import dev.postrider.job.Durations;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The values of settings as text, in the notation of each type. */
final class Values {

  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})(KiB|MiB|GiB)?");
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,15}");
  private static final long KIB = 1024;

  private Values() {}

  /**
   * Reads a value of the given type: numbers, sizes such as {@code 16KiB} where the key ends in
   * {@code Bytes}, durations such as {@code 5s}, lists with commas.
   *
   * @throws ConfigException if it is none
   */
  static Object parse(String key, Type type, String text) {
    if (type == String.class) {
      return text;
    }
    if (type == int.class) {
      return Math.toIntExact(number(key, text, Integer.MAX_VALUE));
    }
    if (type == long.class) {
      return number(key, text, Long.MAX_VALUE);
    }
    if (type == Duration.class) {
      try {
        return Durations.parse(text);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(key + " " + e.getMessage());
      }
    }
    if (type == Path.class) {
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        throw Rules.refuse(key, "must be a path", '"' + text + '"');
      }
    }
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return Arrays.stream(text.split(",", -1))
          .map(String::trim)
          .filter(item -> !item.isEmpty())
          .toList();
    }
    if (type instanceof Class<?> choice && choice.isEnum()) {
      return choice(key, choice, text);
    }
    throw new IllegalStateException(key + " has a type that cannot be set: " + type);
  }

  /** Writes a value so that {@link #parse} reads it back. */
  static String format(String key, Object value) {
    if (value instanceof Duration duration) {
      return Durations.format(duration);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
    if (value instanceof Enum<?> choice) {
      return choice.name().toLowerCase(Locale.ROOT);
    }
    if (value instanceof Number number && key.endsWith("Bytes")) {
      return size(number.longValue());
    }
    return value.toString();
  }

  private static String size(long bytes) {
    if (bytes == 0 || bytes % KIB != 0) {
      return String.valueOf(bytes);
    }
    return bytes % (KIB * KIB) == 0 ? bytes / (KIB * KIB) + "MiB" : bytes / KIB + "KiB";
  }

  private static long number(String key, String text, long most) {
    boolean isSize = key.endsWith("Bytes");
    Matcher matcher = (isSize ? SIZE : NUMBER).matcher(text.trim());
    if (!matcher.matches()) {
      String rule = isSize ? "must be a size such as 2097152, 16KiB or 2MiB" : "must be a number";
      throw Rules.refuse(key, rule, '"' + text + '"');
    }
    if (!isSize) {
      return within(key, Long.parseLong(matcher.group()), most);
    }
    long unit =
        switch (String.valueOf(matcher.group(2))) {
          case "KiB" -> KIB;
          case "MiB" -> KIB * KIB;
          case "GiB" -> KIB * KIB * KIB;
          default -> 1;
        };
    long amount = Long.parseLong(matcher.group(1));
    if (amount > most / unit) {
      throw Rules.refuse(key, "must be at most " + most, text);
    }
    return amount * unit;
  }

  private static long within(String key, long number, long most) {
    if (Math.abs(number) > most) {
      throw Rules.refuse(key, "must be at most " + most, number);
    }
    return number;
  }

  private static Object choice(String key, Class<?> type, String text) {
    for (Object constant : type.getEnumConstants()) {
      if (format(key, constant).equals(text)) {
        return constant;
      }
    }
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(constant -> format(key, constant))
            .collect(Collectors.joining(" or "));
    throw Rules.refuse(key, "must be " + names, '"' + text + '"');
  }
}
