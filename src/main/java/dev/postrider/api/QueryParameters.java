package dev.postrider.api;

import dev.postrider.api.json.FieldErrors;
import dev.postrider.api.json.Suggestion;
import dev.postrider.api.json.TextRule;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request's query, read by name like the fields of a body: unknown, repeated
 * and wrong ones are collected.
 */
final class QueryParameters {

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();
  private final FieldErrors errors;

  private QueryParameters(FieldErrors errors) {
    this.errors = errors;
  }

  static QueryParameters parse(@Nullable String query, FieldErrors errors) {
    QueryParameters parameters = new QueryParameters(errors);
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        if (!pair.isEmpty()) {
          parameters.add(pair);
        }
      }
    }
    return parameters;
  }

  private void add(String pair) {
    int equals = pair.indexOf('=');
    String encodedName = equals < 0 ? pair : pair.substring(0, equals);
    String encodedValue = equals < 0 ? "" : pair.substring(equals + 1);
    var name = PercentDecoding.decode(encodedName, true);
    var value = PercentDecoding.decode(encodedValue, true);
    if (name.isEmpty() || value.isEmpty()) {
      errors.add(cut(encodedName), "must be percent-encoded UTF-8");
    } else if (values.putIfAbsent(name.get(), value.get()) != null) {
      errors.add(cut(name.get()), "must be given once");
    }
  }

  @Nullable String text(String name, TextRule rule) {
    known.add(name);
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    var broken = rule.broken(value);
    if (broken.isPresent()) {
      errors.add(name, broken.get());
      return null;
    }
    return value;
  }

  int integer(String name, int min, int max, int otherwise) {
    Integer value =
        parsed(
            name,
            text -> {
              boolean digits = text.matches("0|[1-9][0-9]{0,8}");
              int number = digits ? Integer.parseInt(text) : -1;
              if (number < min || number > max) {
                throw new IllegalArgumentException(
                    "must be an integer from " + min + " to " + max + ", not " + cut(text));
              }
              return number;
            });
    return value == null ? otherwise : value;
  }

  /**
   * A parameter that something else can read.
   *
   * @param parser throws {@link IllegalArgumentException} with a message that reads on after the
   *     parameter's name
   */
  <T> @Nullable T parsed(String name, Function<String, T> parser) {
    known.add(name);
    String value = values.get(name);
    if (value == null) {
      return null;
    }
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      errors.add(name, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Reports the parameters that no method asked for. */
  void end() {
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        String hint = Suggestion.of(name, known).map(s -> ", did you mean " + s + "?").orElse("");
        errors.add(cut(name), "is an unknown parameter" + hint);
      }
    }
  }

  private static String cut(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }
}
