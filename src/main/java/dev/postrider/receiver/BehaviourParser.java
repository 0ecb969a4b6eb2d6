package dev.postrider.receiver;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.postrider.job.Durations;
import dev.postrider.receiver.Behaviour.Answer;
import dev.postrider.receiver.Behaviour.Body;
import dev.postrider.receiver.Behaviour.Close;
import dev.postrider.receiver.Behaviour.Ending;
import dev.postrider.receiver.Behaviour.GoOn;
import dev.postrider.receiver.Behaviour.Hang;
import dev.postrider.receiver.Behaviour.When;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.format.DateTimeFormatter;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of {@code POST /_behave}: {@code {status?, times?, delay?, hang?, close?,
 * retryAfter?, body?, when?}}.
 *
 * <p>What is left out: {@code times} is 1, {@code delay} nothing, {@code when} {@code "before"};
 * {@code status} is 503 with {@code retryAfter}, else 200 with {@code body}. With none of {@code
 * status hang close retryAfter body} the request is only delayed and then goes on as usual.
 */
final class BehaviourParser {

  private static final Set<String> FIELDS =
      Set.of("status", "times", "delay", "hang", "close", "retryAfter", "body", "when");

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final int MOST_TIMES = 1_000_000_000;

  private final JsonNode fields;

  private BehaviourParser(JsonNode fields) {
    this.fields = fields;
  }

  /**
   * The behaviour that a JSON text describes.
   *
   * @throws InvalidRequest naming the first field that is unknown, of a wrong type or out of range
   */
  static Behaviour parse(String text) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw duplicate(e);
    }
    if (!node.isObject()) {
      throw new InvalidRequest("the body must be an object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!FIELDS.contains(name)) {
        throw new InvalidRequest(name + " is not a field of a behaviour");
      }
    }
    return new BehaviourParser(node).behaviour();
  }

  /** The text has been found to be JSON; what is left is a member that stands twice. */
  private static InvalidRequest duplicate(JsonProcessingException failure) {
    String message = failure.getOriginalMessage();
    return message.startsWith("Duplicate field")
        ? new InvalidRequest(message)
        : JsonText.notJson(failure);
  }

  private Behaviour behaviour() {
    return new Behaviour(when(), integer("times", 1, MOST_TIMES, 1), delay(), ending());
  }

  private When when() {
    String value = string("when");
    if (value == null || value.equals("before")) {
      return When.BEFORE;
    }
    if (value.equals("after")) {
      return When.AFTER;
    }
    throw new InvalidRequest("when must be \"before\" or \"after\": \"" + value + "\"");
  }

  private Duration delay() {
    String value = string("delay");
    return value == null ? Duration.ZERO : duration("delay", value);
  }

  private Ending ending() {
    boolean hang = flag("hang");
    boolean close = flag("close");
    Answer answer = answer();
    if (hang && close) {
      throw new InvalidRequest("close cannot stand with hang");
    }
    if (answer != null && (hang || close)) {
      throw new InvalidRequest(
          (hang ? "hang" : "close")
              + " leaves no answer: status, retryAfter and body cannot stand");
    }
    if (hang) {
      return new Hang();
    }
    if (close) {
      return new Close();
    }
    return answer == null ? new GoOn() : answer;
  }

  private @Nullable Answer answer() {
    String retryAfter = retryAfter();
    Body body = body();
    int status = integer("status", 200, 599, retryAfter == null ? 200 : 503);
    boolean scripted = retryAfter != null || body != null || fields.has("status");
    return scripted ? new Answer(status, retryAfter, body) : null;
  }

  /** A duration, told in whole seconds rounded up, or an HTTP date, told as it is. */
  private @Nullable String retryAfter() {
    String value = string("retryAfter");
    if (value == null) {
      return null;
    }
    try {
      DateTimeFormatter.RFC_1123_DATE_TIME.parse(value);
      return value;
    } catch (DateTimeException notADate) {
      return Long.toString(duration("retryAfter", value).plusMillis(999).toSeconds());
    }
  }

  /** A string is sent as plain text, any other value as JSON. */
  private @Nullable Body body() {
    JsonNode value = fields.get("body");
    if (value == null) {
      return null;
    }
    return value.isTextual()
        ? new Body("text/plain; charset=utf-8", value.textValue())
        : new Body("application/json", value.toString());
  }

  private boolean flag(String field) {
    JsonNode value = fields.get(field);
    if (value == null) {
      return false;
    }
    if (!value.isBoolean()) {
      throw new InvalidRequest(field + " must be true or false: " + value);
    }
    return value.booleanValue();
  }

  private @Nullable String string(String field) {
    JsonNode value = fields.get(field);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      throw new InvalidRequest(field + " must be a string: " + value);
    }
    return value.textValue();
  }

  private int integer(String field, int least, int most, int otherwise) {
    JsonNode value = fields.get(field);
    if (value == null) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new InvalidRequest(field + " must be an integer: " + value);
    }
    int number = value.intValue();
    if (number < least || number > most) {
      throw new InvalidRequest(
          field + " must be between " + least + " and " + most + ": " + number);
    }
    return number;
  }

  private static Duration duration(String field, String value) {
    try {
      return Durations.parse(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(field + " " + e.getMessage());
    }
  }
}
