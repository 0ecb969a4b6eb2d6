package dev.postrider.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * JSON on both sides of a call: what the service and this client say to each other, with numbers as
 * they were written, and the application's own values in it, by the application's own mapper.
 */
final class Json {
  private static final ObjectMapper WIRE =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final ObjectMapper values;

  Json(ObjectMapper values) {
    this.values = values;
  }

  /** A mapper for applications that bring none; it overlooks members that a class does not have. */
  static ObjectMapper defaultMapper() {
    return JsonMapper.builder()
        .findAndAddModules()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .build();
  }

  static ObjectNode object() {
    return WIRE.createObjectNode();
  }

  static Buffer bytes(JsonNode body) {
    try {
      return Buffer.buffer(WIRE.writeValueAsBytes(body));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /**
   * Reads what the service has answered.
   *
   * @throws IOException if it is no JSON
   */
  static JsonNode parse(@Nullable Buffer body) throws IOException {
    return body == null || body.length() == 0 ? object() : WIRE.readTree(body.getBytes());
  }

  /**
   * An application's value.
   *
   * @throws IllegalArgumentException if it cannot be written
   */
  RawValue write(@Nullable Object value) {
    try {
      return new RawValue(values.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + e.getMessage(), e);
    }
  }

  /** Adds a value of the application's to a body; null is left out. */
  ObjectNode put(ObjectNode body, String name, @Nullable Object value) {
    if (value != null) {
      body.putRawValue(name, write(value));
    }
    return body;
  }

  /**
   * Reads a value of the application's; null if it is absent.
   *
   * @throws IOException if it is none of that type
   */
  <T> @Nullable T read(@Nullable JsonNode node, Class<T> type) throws IOException {
    if (node == null || node.isMissingNode() || type == Void.class) {
      return null;
    }
    return values.readValue(WIRE.writeValueAsBytes(node), type);
  }

  /** The same where a value of another type is the caller's mistake. */
  <T> @Nullable T readOrRefuse(@Nullable JsonNode node, Class<T> type) {
    try {
      return read(node, type);
    } catch (IOException e) {
      throw new PostriderException("cannot be read as " + type.getSimpleName(), e);
    }
  }
}
