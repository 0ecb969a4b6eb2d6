package dev.postrider.api.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;

/**
 * Turns bytes into a {@link JsonValue}, or says where they stop being JSON.
 *
 * <p>Strict RFC 8259: UTF-8 without a byte order mark, one value and nothing after it, no comments,
 * no bare words, no duplicate members at any depth, at most {@link #MAX_DEPTH} levels. The whole
 * text is checked, values that are only passed on included; nothing is bound to a tree.
 */
public final class JsonText {

  /** How deep objects and arrays may be nested, the outermost included. */
  public static final int MAX_DEPTH = 64;

  /*
   * Lengths are bounded by the size of the body, which is checked before; the parser's own limits
   * would only refuse values that this service passes on unread. Field names must stay
   * canonicalised: without that the factory falls back to a reader that knows no byte offsets.
   */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /** What the parser's messages say about its own settings and source, which the caller has not. */
  private static final Pattern PARSER_TALK =
      Pattern.compile(
          "( \\(start marker at.*| \\(not recognized as.*|:? ?\\(?(enable|maybe|consider) .*)$",
          Pattern.DOTALL);

  private JsonText() {}

  /** Checks the whole text and returns its value. */
  public static JsonValue parse(byte[] bytes) throws MalformedJsonException {
    refuseForeignEncoding(bytes);
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      if (parser.nextToken() == null) {
        throw new MalformedJsonException("the text is empty, expected a JSON value", 1, 1);
      }
      JsonValue value = JsonValue.read(bytes, 0, parser, true);
      if (parser.nextToken() != null) {
        JsonLocation at = parser.currentTokenLocation();
        throw new MalformedJsonException(
            "unexpected content after the end of the value", at.getLineNr(), at.getColumnNr());
      }
      return value;
    } catch (JsonProcessingException e) {
      throw malformed(e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory failed", e);
    }
  }

  /** A parser over part of a text that {@link #parse} has accepted. */
  static JsonParser reopen(byte[] bytes, int start, int end) {
    try {
      return FACTORY.createParser(bytes, start, end - start);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory failed", e);
    }
  }

  /*
   * The parser guesses UTF-16 and UTF-32 from the first four bytes, skips a byte order mark, and
   * takes overlong forms and encoded surrogates for UTF-8.
   */
  private static void refuseForeignEncoding(byte[] bytes) throws MalformedJsonException {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      if (bytes[i] == 0) {
        throw new MalformedJsonException("a zero byte: the text must be UTF-8", 1, i + 1);
      }
    }
    if (bytes.length >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF) {
      throw new MalformedJsonException("a byte order mark, which JSON does not have", 1, 1);
    }
    int invalid = StrictUtf8.firstInvalid(bytes);
    if (invalid >= 0) {
      int line = 1;
      int lineStart = 0;
      for (int i = 0; i < invalid; i++) {
        if (bytes[i] == '\n') {
          line++;
          lineStart = i + 1;
        }
      }
      throw new MalformedJsonException("invalid UTF-8", line, invalid - lineStart + 1);
    }
  }

  private static MalformedJsonException malformed(JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    String reason = PARSER_TALK.matcher(e.getOriginalMessage()).replaceFirst("");
    return new MalformedJsonException(
        reason, at == null ? 1 : at.getLineNr(), at == null ? 1 : at.getColumnNr());
  }
}
