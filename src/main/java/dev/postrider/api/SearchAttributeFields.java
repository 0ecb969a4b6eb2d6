package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.JsonValue;
import dev.postrider.api.json.JsonValue.Kind;
import dev.postrider.api.json.TextRule;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads search attributes: a flat object with names and values that an index can hold. */
final class SearchAttributeFields {

  private static final String NAME = "searchAttributes";
  private static final int MAX_COUNT = 50;
  private static final int MAX_ELEMENTS = 50;
  private static final TextRule TEXT = TextRule.oneLine(1000);
  private static final Pattern NAMES = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}");

  private SearchAttributeFields() {}

  static @Nullable Buffer read(Fields fields, int maxBytes) {
    Fields attributes = fields.object(NAME);
    JsonValue source = fields.raw(NAME);
    if (attributes == null || source == null) {
      return null;
    }
    Map<String, JsonValue> all = attributes.all();
    if (all.size() > MAX_COUNT) {
      fields.report(NAME, "must have at most " + MAX_COUNT + " attributes, not " + all.size());
      return null;
    }
    if (source.length() > maxBytes) {
      fields.report(NAME, "must be at most " + maxBytes + " bytes, not " + source.length());
      return null;
    }
    all.forEach((name, value) -> check(attributes, name, value));
    return Buffer.buffer(source.bytes());
  }

  private static void check(Fields attributes, String name, JsonValue value) {
    if (!NAMES.matcher(name).matches()) {
      String shown = name.length() > 100 ? name.substring(0, 100) + "…" : name;
      attributes.report(shown, "must have a name that matches " + NAMES.pattern());
      return;
    }
    switch (value.kind()) {
      case INTEGER, DECIMAL -> {
        if (!Double.isFinite(Double.parseDouble(value.source()))) {
          attributes.report(name, "must be a number that a double holds, not " + value.excerpt());
        }
      }
      case BOOLEAN -> {}
      case STRING -> brokenText(value).ifPresent(message -> attributes.report(name, message));
      case ARRAY -> checkElements(attributes, name, value.elements());
      case OBJECT, NULL ->
          attributes.report(
              name,
              "must be a string, a number, a boolean or a list of strings, not "
                  + value.kind().words());
    }
  }

  private static void checkElements(Fields attributes, String name, List<JsonValue> elements) {
    if (elements.size() > MAX_ELEMENTS) {
      attributes.report(
          name, "must have at most " + MAX_ELEMENTS + " elements, not " + elements.size());
      return;
    }
    for (int i = 0; i < elements.size(); i++) {
      JsonValue element = elements.get(i);
      Optional<String> broken =
          element.kind() == Kind.STRING
              ? brokenText(element)
              : Optional.of("must be a string, not " + element.kind().words());
      if (broken.isPresent()) {
        attributes.report(name + "[" + i + "]", broken.get());
      }
    }
  }

  private static Optional<String> brokenText(JsonValue value) {
    return TEXT.broken(value.string());
  }
}
