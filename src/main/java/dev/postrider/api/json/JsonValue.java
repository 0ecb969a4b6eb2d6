package dev.postrider.api.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value in a checked JSON text, known by its place: from its first byte to its last, without the
 * white space around it. Members and elements are found when asked for.
 */
public final class JsonValue {

  /** What a value is, in the words of an error message. */
  public enum Kind {
    OBJECT("an object"),
    ARRAY("an array"),
    STRING("a string"),
    INTEGER("an integer"),
    DECIMAL("a number with a fraction or an exponent"),
    BOOLEAN("a boolean"),
    NULL("null");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** The kind with its article, as in "must be a string". */
    public String words() {
      return words;
    }
  }

  private final byte[] source;
  private final int start;
  private final int end;
  private final Kind kind;
  private @Nullable Map<String, JsonValue> members;

  private JsonValue(byte[] source, int start, int end, Kind kind) {
    this.source = source;
    this.start = start;
    this.end = end;
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** How many bytes the value takes in its source. */
  public int length() {
    return end - start;
  }

  /** A copy of the value's exact source bytes. */
  public byte[] bytes() {
    return Arrays.copyOfRange(source, start, end);
  }

  /** The value's source text; for numbers, booleans and messages. */
  public String source() {
    return new String(source, start, end - start, StandardCharsets.UTF_8);
  }

  /** The beginning of the source text, short enough for a message. */
  public String excerpt() {
    int limit = 60;
    String text =
        new String(source, start, Math.min(end - start, 4 * limit), StandardCharsets.UTF_8);
    String shown =
        text.codePointCount(0, text.length()) <= limit
            ? text
            : text.substring(0, text.offsetByCodePoints(0, limit)) + "…";
    return shown.replaceAll("\\s+", " ");
  }

  /** The characters of a string, escapes resolved. */
  public String string() {
    require(Kind.STRING);
    if (!hasEscape()) {
      return new String(source, start + 1, end - start - 2, StandardCharsets.UTF_8);
    }
    try (JsonParser parser = JsonText.reopen(source, start, end)) {
      parser.nextToken();
      return parser.getText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The members of an object in their order. */
  public Map<String, JsonValue> members() {
    require(Kind.OBJECT);
    Map<String, JsonValue> found = members;
    if (found == null) {
      found = reread().members;
      members = found;
    }
    return found == null ? Map.of() : found;
  }

  /** The elements of an array in their order. */
  public List<JsonValue> elements() {
    require(Kind.ARRAY);
    try (JsonParser parser = JsonText.reopen(source, start, end)) {
      parser.nextToken();
      List<JsonValue> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        elements.add(read(source, start, parser, false));
      }
      return elements;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonValue reread() {
    try (JsonParser parser = JsonText.reopen(source, start, end)) {
      parser.nextToken();
      return read(source, start, parser, true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean hasEscape() {
    for (int i = start + 1; i < end - 1; i++) {
      if (source[i] == '\\') {
        return true;
      }
    }
    return false;
  }

  private void require(Kind expected) {
    if (kind != expected) {
      throw new IllegalStateException("asked for " + expected + " of " + kind);
    }
  }

  /**
   * Reads the value that the parser stands on.
   *
   * @param base where in the source the parser began
   * @param members whether the members of an object are kept on the way
   */
  static JsonValue read(byte[] source, int base, JsonParser parser, boolean members)
      throws IOException {
    int start = base + (int) parser.currentTokenLocation().getByteOffset();
    Kind kind = kindOf(parser.currentToken());
    Map<String, JsonValue> found = null;
    if (kind == Kind.OBJECT && members) {
      found = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        found.put(name, read(source, base, parser, false));
      }
    } else if (kind == Kind.OBJECT || kind == Kind.ARRAY) {
      parser.skipChildren();
    } else {
      parser.finishToken();
    }
    int end = base + (int) parser.currentLocation().getByteOffset();
    JsonValue value = new JsonValue(source, start, end, kind);
    value.members = found;
    return value;
  }

  private static Kind kindOf(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> Kind.OBJECT;
      case START_ARRAY -> Kind.ARRAY;
      case VALUE_STRING -> Kind.STRING;
      case VALUE_NUMBER_INT -> Kind.INTEGER;
      case VALUE_NUMBER_FLOAT -> Kind.DECIMAL;
      case VALUE_TRUE, VALUE_FALSE -> Kind.BOOLEAN;
      case VALUE_NULL -> Kind.NULL;
      default -> throw new IllegalStateException("a value cannot start with " + token);
    };
  }
}
