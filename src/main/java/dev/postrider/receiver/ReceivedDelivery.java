package dev.postrider.receiver;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One delivery as it came in.
 *
 * @param receivedAt when its body was complete
 * @param body the JSON value's source text, unchanged
 * @param idempotencyKey value of the {@code Idempotency-Key} header
 * @param headers names and values in the order and spelling in which they came
 */
record ReceivedDelivery(
    Instant receivedAt,
    String body,
    @Nullable String idempotencyKey,
    List<Map.Entry<String, String>> headers) {

  private static final int EXCERPT = 400;

  ReceivedDelivery {
    headers = List.copyOf(headers);
  }

  /** The same with no more of the body than a page shows. */
  ReceivedDelivery excerpt() {
    return body.length() <= EXCERPT
        ? this
        : new ReceivedDelivery(
            receivedAt, body.substring(0, EXCERPT) + "…", idempotencyKey, headers);
  }

  /** About how many characters keeping it costs. */
  long size() {
    long size = body.length();
    for (Map.Entry<String, String> header : headers) {
      size += header.getKey().length() + header.getValue().length();
    }
    return size;
  }
}
