package dev.postrider.receiver;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.postrider.receiver.ReceiverState.Counts;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The answer of {@code GET /_received}. */
final class ReceivedReport {

  /** RFC 3339 in UTC with milliseconds. */
  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private ReceivedReport() {}

  static String of(ReceiverState state) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonText.FACTORY.createGenerator(text)) {
      write(state, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void write(ReceiverState state, JsonGenerator json) throws IOException {
    Counts counts = state.counts();
    json.writeStartObject();
    json.writeNumberField("received_count", counts.received());
    json.writeNumberField("processed_count", counts.processed());
    json.writeNumberField("deduped_count", counts.deduped());
    json.writeNumberField("throttled_count", counts.throttled());
    json.writeFieldName("rate_limit");
    json.writeRawValue(rate(state.rateLimit()));
    json.writeNumberField("count", state.deliveries().size());
    json.writeArrayFieldStart("deliveries");
    for (ReceivedDelivery delivery : state.deliveries()) {
      write(delivery, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(ReceivedDelivery delivery, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("received_at", instant(delivery.receivedAt()));
    json.writeFieldName("body");
    json.writeRawValue(delivery.body());
    json.writeStringField("idempotency_key", delivery.idempotencyKey());
    json.writeObjectFieldStart("headers");
    for (Map.Entry<String, String> header : joined(delivery).entrySet()) {
      json.writeStringField(header.getKey(), header.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  /** A repeated header's values become one, as RFC 9110 §5.3 allows: names are JSON members. */
  private static Map<String, String> joined(ReceivedDelivery delivery) {
    Map<String, String> spellings = new LinkedHashMap<>();
    Map<String, String> joined = new LinkedHashMap<>();
    for (Map.Entry<String, String> header : delivery.headers()) {
      String lower = header.getKey().toLowerCase(Locale.ROOT);
      String spelling = spellings.computeIfAbsent(lower, unseen -> header.getKey());
      joined.merge(spelling, header.getValue(), (first, next) -> first + ", " + next);
    }
    return joined;
  }

  static String instant(Instant instant) {
    return INSTANT.format(instant);
  }

  /** A rate without a fraction where it has none. */
  static String rate(double perSecond) {
    return perSecond == Math.rint(perSecond) && Math.abs(perSecond) < 1e15
        ? Long.toString((long) perSecond)
        : Double.toString(perSecond);
  }
}
