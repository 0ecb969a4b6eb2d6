package dev.postrider.api.json;

import dev.postrider.api.json.JsonValue.Kind;
import dev.postrider.job.Durations;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of one JSON object by name and collects what is wrong with them.
 *
 * <p>Each method names one field that the object may have; {@link #end} then refuses every other
 * one. A field that is absent, or wrong and reported, is read as {@code null}, or as an empty value
 * by the {@code required} methods: the caller reads all fields and then looks at the errors. An
 * explicit {@code null} is a wrong type except for {@link #raw}. Integers are written without
 * fraction and exponent.
 */
public final class Fields {

  private final Map<String, JsonValue> members;
  private final String prefix;
  private final FieldErrors errors;
  private final Set<String> known = new LinkedHashSet<>();

  private Fields(Map<String, JsonValue> members, String prefix, FieldErrors errors) {
    this.members = members;
    this.prefix = prefix;
    this.errors = errors;
  }

  /** Over a whole body; anything but an object is an error of the field {@code body}. */
  public static Fields ofBody(JsonValue body, FieldErrors errors) {
    if (body.kind() != Kind.OBJECT) {
      errors.add("body", "must be " + Kind.OBJECT.words() + ", not " + body.kind().words());
      return empty(errors);
    }
    return new Fields(body.members(), "", errors);
  }

  /**
   * Over one value among others.
   *
   * @param path what its errors are reported under
   */
  public static Fields of(JsonValue value, String path, FieldErrors errors) {
    if (value.kind() != Kind.OBJECT) {
      errors.add(path, "must be " + Kind.OBJECT.words() + ", not " + value.kind().words());
      return empty(errors);
    }
    return new Fields(value.members(), path + ".", errors);
  }

  /** Over no body at all: every field is absent. */
  public static Fields empty(FieldErrors errors) {
    return new Fields(Map.of(), "", errors);
  }

  /** Where errors found by rules between several fields go. */
  public FieldErrors errors() {
    return errors;
  }

  /** The full path of a member, for such errors. */
  public String path(String name) {
    return prefix + name;
  }

  /** Whether the field is there and null, where that has a meaning. */
  public boolean isNull(String name) {
    known.add(name);
    JsonValue value = members.get(name);
    return value != null && value.kind() == Kind.NULL;
  }

  public boolean has(String name) {
    return members.containsKey(name);
  }

  /** A value to be kept as it is; {@code null} only if the field is absent. */
  public @Nullable JsonValue raw(String name) {
    known.add(name);
    return members.get(name);
  }

  /** The exact source bytes of such a value. */
  public @Nullable Buffer json(String name) {
    JsonValue value = raw(name);
    return value == null ? null : Buffer.buffer(value.bytes());
  }

  public @Nullable String text(String name, TextRule rule) {
    JsonValue value = typed(name, Kind.STRING);
    return value == null ? null : checkedText(path(name), value, rule);
  }

  /** Any Unicode text, of any length and with any characters. */
  public @Nullable String freeText(String name) {
    JsonValue value = typed(name, Kind.STRING);
    if (value == null) {
      return null;
    }
    String text = value.string();
    var broken = TextRule.brokenUnicode(text);
    broken.ifPresent(message -> report(name, message));
    return broken.isPresent() ? null : text;
  }

  public String requiredText(String name, TextRule rule) {
    String text = text(name, rule);
    return require(name) && text != null ? text : "";
  }

  public @Nullable Boolean bool(String name) {
    JsonValue value = typed(name, Kind.BOOLEAN);
    return value == null ? null : value.source().equals("true");
  }

  public @Nullable Long integer(String name, long min, long max) {
    JsonValue value = typed(name, Kind.INTEGER);
    if (value == null) {
      return null;
    }
    // Nineteen characters hold every long; what is longer is out of any range.
    long number = value.length() > 18 ? Long.MAX_VALUE : Long.parseLong(value.source());
    if (number < min || number > max) {
      report(name, "must be from " + min + " to " + max + ", not " + value.excerpt());
      return null;
    }
    return number;
  }

  /** A number with or without a fraction, within bounds that both belong to it. */
  public @Nullable Double decimal(String name, double min, double max) {
    JsonValue value = typed(name, Kind.INTEGER, Kind.DECIMAL);
    if (value == null) {
      return null;
    }
    double number = number(value);
    if (!(number >= min && number <= max)) {
      report(name, "must be from " + plain(min) + " to " + plain(max) + ", not " + value.excerpt());
      return null;
    }
    return number;
  }

  /** The same where 0 is allowed too, below the least. */
  public @Nullable Double decimalOrZero(String name, double min, double max) {
    JsonValue value = typed(name, Kind.INTEGER, Kind.DECIMAL);
    if (value == null) {
      return null;
    }
    double number = number(value);
    if (number == 0) {
      return 0.0;
    }
    if (!(number >= min && number <= max)) {
      report(
          name,
          "must be 0 or from " + plain(min) + " to " + plain(max) + ", not " + value.excerpt());
      return null;
    }
    return number;
  }

  public @Nullable Duration duration(String name) {
    return parsed(name, Durations::parse);
  }

  public @Nullable Instant instant(String name) {
    return parsed(name, Instants::parse);
  }

  /** A string that stands for one of a few values. */
  public <T> @Nullable T choice(String name, Map<String, T> choices) {
    return parsed(
        name,
        text -> {
          T choice = choices.get(text);
          if (choice == null) {
            throw new IllegalArgumentException(
                "must be one of " + String.join(", ", choices.keySet()) + ", not \"" + text + "\"");
          }
          return choice;
        });
  }

  /**
   * A string that something else can read.
   *
   * @param parser throws {@link IllegalArgumentException} with a message that reads on after the
   *     field's name
   */
  public <T> @Nullable T parsed(String name, Function<String, T> parser) {
    JsonValue value = typed(name, Kind.STRING);
    if (value == null) {
      return null;
    }
    if (value.length() > 10_000) {
      report(name, "must not be " + value.length() + " bytes long");
      return null;
    }
    try {
      return parser.apply(value.string());
    } catch (IllegalArgumentException e) {
      report(name, String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** A list of texts; wrong ones are reported one by one. */
  public @Nullable List<String> texts(String name, int maxCount, TextRule rule) {
    JsonValue value = typed(name, Kind.ARRAY);
    if (value == null) {
      return null;
    }
    List<JsonValue> elements = value.elements();
    if (elements.size() > maxCount) {
      report(name, "must have at most " + maxCount + " elements, not " + elements.size());
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String path = path(name) + "[" + i + "]";
      JsonValue element = elements.get(i);
      if (element.kind() != Kind.STRING) {
        errors.add(path, "must be a string, not " + element.kind().words());
      } else {
        String text = checkedText(path, element, rule);
        if (text != null) {
          texts.add(text);
        }
      }
    }
    return List.copyOf(texts);
  }

  /** The elements of an array, each to be read by itself. */
  public @Nullable List<JsonValue> elements(String name) {
    JsonValue value = typed(name, Kind.ARRAY);
    return value == null ? null : value.elements();
  }

  /** The fields of a nested object; the caller ends them too. */
  public @Nullable Fields object(String name) {
    JsonValue value = typed(name, Kind.OBJECT);
    return value == null ? null : new Fields(value.members(), path(name) + ".", errors);
  }

  /** Reports the field if it is absent; whether it is there, right or wrong. */
  public boolean require(String name) {
    known.add(name);
    if (members.containsKey(name)) {
      return true;
    }
    report(name, "is required");
    return false;
  }

  /** Adds an error to one field of this object. */
  public void report(String name, String message) {
    errors.add(path(name), message);
  }

  /** Adds an error to this object as a whole. */
  public void reportSelf(String message) {
    errors.add(prefix.isEmpty() ? "body" : prefix.substring(0, prefix.length() - 1), message);
  }

  /** Every member, for objects whose names are the caller's. */
  public Map<String, JsonValue> all() {
    known.addAll(members.keySet());
    return members;
  }

  /** Reports the members that no method asked for. */
  public void end() {
    for (String name : members.keySet()) {
      if (!known.contains(name)) {
        String hint = Suggestion.of(name, known).map(s -> ", did you mean " + s + "?").orElse("");
        String shown = name.length() > 100 ? name.substring(0, 100) + "…" : name;
        errors.add(path(shown), "is unknown" + hint);
      }
    }
  }

  private @Nullable String checkedText(String path, JsonValue value, TextRule rule) {
    String text = value.string();
    var broken = rule.broken(text);
    if (broken.isPresent()) {
      errors.add(path, broken.get());
      return null;
    }
    return text;
  }

  private @Nullable JsonValue typed(String name, Kind... expected) {
    known.add(name);
    JsonValue value = members.get(name);
    if (value == null) {
      return null;
    }
    for (Kind kind : expected) {
      if (value.kind() == kind) {
        return value;
      }
    }
    String wanted = expected.length > 1 ? "a number" : expected[0].words();
    report(name, "must be " + wanted + ", not " + value.kind().words() + shown(value));
    return null;
  }

  private static String shown(JsonValue value) {
    return switch (value.kind()) {
      case NULL, OBJECT, ARRAY -> "";
      default -> ": " + value.excerpt();
    };
  }

  private static double number(JsonValue value) {
    return value.length() > 100 ? Double.NaN : Double.parseDouble(value.source());
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
