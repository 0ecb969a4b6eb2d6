package dev.postrider.delivery;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.postrider.job.WebhookHeaders;
import dev.postrider.job.WebhookInput;
import dev.postrider.job.WebhookUrl;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code {eventId, url, payload, headers?}}, the input that a delivery was started with.
 *
 * <p>It was checked when the job was started; what is wrong here was let in by an older or a newer
 * version, and no attempt will mend it.
 */
public final class WebhookInputJson {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final byte[] source;
  private final JsonParser parser;
  private @Nullable String eventId;
  private @Nullable WebhookUrl url;
  private @Nullable Buffer payload;
  private final Map<String, String> headers = new LinkedHashMap<>();

  private WebhookInputJson(byte[] source, JsonParser parser) {
    this.source = source;
    this.parser = parser;
  }

  /**
   * The input in a job's bytes.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static WebhookInput read(Buffer input) {
    byte[] source = input.getBytes();
    try (JsonParser parser = FACTORY.createParser(source)) {
      return new WebhookInputJson(source, parser).input();
    } catch (IOException e) {
      throw new IllegalArgumentException("the input is not JSON", e);
    }
  }

  private WebhookInput input() throws IOException {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "the input", "an object");
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      switch (name) {
        case "eventId" -> eventId = string(name);
        case "url" -> url = WebhookUrl.parse(string(name));
        case "payload" -> payload = value();
        case "headers" -> headers();
        default -> throw new IllegalArgumentException("the input's field " + name + " is unknown");
      }
    }
    if (eventId == null || url == null || payload == null) {
      throw new IllegalArgumentException("the input must have eventId, url and payload");
    }
    return new WebhookInput(eventId, url, payload, headers);
  }

  private void headers() throws IOException {
    expect(parser.currentToken(), JsonToken.START_OBJECT, "headers", "an object");
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      String value = string(name);
      WebhookHeaders.check(name, value);
      headers.put(name, value);
    }
  }

  private String string(String name) throws IOException {
    expect(parser.currentToken(), JsonToken.VALUE_STRING, name, "a string");
    return parser.getText();
  }

  /** The exact bytes of the value that the parser stands on. */
  private Buffer value() throws IOException {
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    int end = (int) parser.currentLocation().getByteOffset();
    return Buffer.buffer(source).slice(start, end);
  }

  private static void expect(
      @Nullable JsonToken token, JsonToken expected, String name, String words) {
    if (token != expected) {
      throw new IllegalArgumentException(name + " must be " + words);
    }
  }
}
