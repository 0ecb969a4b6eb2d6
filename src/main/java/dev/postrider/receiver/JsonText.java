package dev.postrider.receiver;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Tells whether a body is one JSON value, and keeps its text as it came. */
final class JsonText {

  static final JsonFactory FACTORY = new JsonFactory();

  private JsonText() {}

  /**
   * The text of a body that is exactly one JSON value in UTF-8, without the white space around it.
   *
   * @throws InvalidRequest if it is anything else
   */
  static String of(Buffer body) {
    String text = utf8(body);
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new InvalidRequest("the body is empty, expected JSON");
      }
      parser.skipChildren();
      if (parser.currentToken() == JsonToken.FIELD_NAME || parser.nextToken() != null) {
        throw new InvalidRequest("the body is not JSON: something follows the value");
      }
    } catch (JsonProcessingException e) {
      throw notJson(e);
    } catch (IOException e) {
      throw new InvalidRequest("the body is not JSON: " + e.getMessage());
    }
    return text.strip();
  }

  /** Says where the text stops being JSON; the parser's own words would quote its source. */
  static InvalidRequest notJson(JsonProcessingException failure) {
    JsonLocation at = failure.getLocation();
    return new InvalidRequest(
        at == null
            ? "the body is not JSON"
            : "the body is not JSON: line " + at.getLineNr() + ", column " + at.getColumnNr());
  }

  private static String utf8(Buffer body) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(body.getBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new InvalidRequest("the body is not UTF-8");
    }
  }
}
