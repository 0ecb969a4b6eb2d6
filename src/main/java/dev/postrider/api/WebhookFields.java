package dev.postrider.api;

import dev.postrider.api.json.FieldErrors;
import dev.postrider.api.json.Fields;
import dev.postrider.api.json.JsonValue;
import dev.postrider.api.json.JsonValue.Kind;
import dev.postrider.job.WebhookHeaders;
import dev.postrider.job.WebhookInput;
import dev.postrider.job.WebhookUrl;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the input of a delivery, wherever it stands in a request. */
final class WebhookFields {

  private WebhookFields() {}

  /** Reads it from among the fields of an object; null if anything of it is wrong. */
  static @Nullable WebhookInput read(Fields fields) {
    FieldErrors errors = fields.errors();
    int before = errors.list().size();
    fields.require("eventId");
    String eventId = fields.parsed("eventId", WebhookInput::checkEventId);
    fields.require("url");
    WebhookUrl url = fields.parsed("url", WebhookUrl::parse);
    fields.require("payload");
    JsonValue payload = fields.raw("payload");
    Map<String, String> headers = headers(fields.object("headers"));
    if (errors.list().size() > before || eventId == null || url == null || payload == null) {
      return null;
    }
    return new WebhookInput(eventId, url, Buffer.buffer(payload.bytes()), headers);
  }

  /** The input in the form in which a job keeps it. */
  static Buffer write(Fields fields, WebhookInput input) {
    JsonValue headers = fields.raw("headers");
    return JsonOutput.object(
        out -> {
          out.text("eventId", input.eventId());
          out.text("url", input.url().text());
          out.raw("payload", input.payload());
          out.raw("headers", headers == null ? null : Buffer.buffer(headers.bytes()));
        });
  }

  private static Map<String, String> headers(@Nullable Fields fields) {
    if (fields == null) {
      return Map.of();
    }
    Map<String, JsonValue> all = fields.all();
    if (all.size() > WebhookHeaders.MAX_COUNT) {
      fields.reportSelf(
          "must have at most " + WebhookHeaders.MAX_COUNT + " fields, not " + all.size());
      return Map.of();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, String> folded = new TreeMap<>();
    int length = 0;
    for (Map.Entry<String, JsonValue> entry : all.entrySet()) {
      String name = entry.getKey();
      String shown = name.length() > 100 ? name.substring(0, 100) + "…" : name;
      if (entry.getValue().kind() != Kind.STRING) {
        fields.report(shown, "must be a string, not " + entry.getValue().kind().words());
        continue;
      }
      String value = entry.getValue().string();
      length += name.length() + value.length();
      String other = folded.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
      try {
        WebhookHeaders.check(name, value);
        headers.put(name, value);
      } catch (IllegalArgumentException e) {
        fields.report(shown, String.valueOf(e.getMessage()));
      }
      if (other != null) {
        fields.report(shown, "is the same header field as " + other);
      }
    }
    if (length > WebhookHeaders.MAX_LENGTH) {
      fields.reportSelf(
          "must be at most " + WebhookHeaders.MAX_LENGTH + " characters together, not " + length);
    }
    return headers;
  }
}
