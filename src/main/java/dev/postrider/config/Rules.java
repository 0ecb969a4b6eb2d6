package dev.postrider.config;

import dev.postrider.job.Durations;
import java.time.Duration;

/** The rules that several settings share. A refusal names the key, the rule and the value. */
final class Rules {

  static final long MIB = 1024 * 1024;

  private Rules() {}

  static void port(String key, int value) {
    inRange(key, value, 0, 65_535);
  }

  static void inRange(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw refuse(key, "must be " + least + " to " + most, value);
    }
  }

  static void inRange(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      String rule = "must be " + Durations.format(least) + " to " + Durations.format(most);
      throw refuse(key, rule, Durations.format(value));
    }
  }

  static void notBlank(String key, String value) {
    if (value.isBlank()) {
      throw refuse(key, "must not be empty", '"' + value + '"');
    }
  }

  static ConfigException refuse(String key, String rule, Object value) {
    return new ConfigException(key + " " + rule + ", not " + value);
  }
}
