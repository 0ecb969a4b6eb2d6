package dev.postrider.job;

import io.vertx.core.buffer.Buffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The input of a job of type {@value #TYPE}: one event for one receiver.
 *
 * @param eventId what the receiver dedupes on, 1–256 of {@code A-Z a-z 0-9 _ : -}
 * @param url the receiver, absolute, {@code http} or {@code https}
 * @param payload the body of the request, its exact bytes
 * @param headers the user's own header fields, in their order
 */
public record WebhookInput(
    String eventId, WebhookUrl url, Buffer payload, Map<String, String> headers) {

  /** The activity type whose input this is. */
  public static final String TYPE = "deliver-webhook";

  private static final int MAX_EVENT_ID = 256;

  public WebhookInput {
    checkEventId(eventId);
    headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  /** The id of the job that a webhook is when it is posted as one. */
  public String jobId() {
    return "deliver-" + eventId;
  }

  /** The same on every attempt and every run, so that a receiver can tell a repetition. */
  public String idempotencyKey() {
    return "webhook:" + eventId;
  }

  /**
   * Refuses what is no event id.
   *
   * @throws IllegalArgumentException with a rule that reads on after the name of a field
   */
  public static String checkEventId(String eventId) {
    if (eventId.isEmpty() || eventId.length() > MAX_EVENT_ID) {
      throw new IllegalArgumentException(
          "must have 1 to " + MAX_EVENT_ID + " characters, not " + eventId.length());
    }
    for (int i = 0; i < eventId.length(); i++) {
      char c = eventId.charAt(i);
      boolean allowed =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == ':'
              || c == '-';
      if (!allowed) {
        throw new IllegalArgumentException(
            "must consist of A-Z a-z 0-9 _ : -, not have "
                + String.format("U+%04X at character %d", (int) c, i + 1));
      }
    }
    return eventId;
  }
}
