package dev.postrider.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import dev.postrider.api.json.Instants;
import dev.postrider.job.Durations;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes answers: a field whose value is null is left out. */
final class JsonOutput {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonGenerator json;

  private JsonOutput(JsonGenerator json) {
    this.json = json;
  }

  /** What writes one value or, inside an object, its fields. */
  interface Content {
    void write(JsonOutput out) throws IOException;
  }

  /** The bytes of one object. */
  static Buffer object(Content fields) {
    ByteArrayBuilder bytes = new ByteArrayBuilder();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      fields.write(new JsonOutput(json));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  void text(String name, @Nullable String value) throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  void number(String name, long value) throws IOException {
    json.writeNumberField(name, value);
  }

  /** A number that is written without a fraction if it has none. */
  void decimal(String name, double value) throws IOException {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      json.writeNumberField(name, (long) value);
    } else {
      json.writeNumberField(name, value);
    }
  }

  void bool(String name, boolean value) throws IOException {
    json.writeBooleanField(name, value);
  }

  void instant(String name, @Nullable Instant value) throws IOException {
    text(name, value == null ? null : Instants.format(value));
  }

  void duration(String name, @Nullable Duration value) throws IOException {
    text(name, value == null ? null : Durations.format(value));
  }

  /** A value whose JSON is known already, written byte by byte as it is. */
  void raw(String name, @Nullable Buffer value) throws IOException {
    if (value != null) {
      json.writeFieldName(name);
      json.writeRawValue(new RawJson(value));
    }
  }

  void object(String name, Content fields) throws IOException {
    json.writeObjectFieldStart(name);
    fields.write(this);
    json.writeEndObject();
  }

  void array(String name, Content elements) throws IOException {
    json.writeArrayFieldStart(name);
    elements.write(this);
    json.writeEndArray();
  }

  /** An object that is an element of an array. */
  void element(Content fields) throws IOException {
    json.writeStartObject();
    fields.write(this);
    json.writeEndObject();
  }

  /** A text that is an element of an array. */
  void element(String text) throws IOException {
    json.writeString(text);
  }
}
