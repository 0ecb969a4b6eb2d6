package dev.postrider.dispatch;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Where a list of task queues goes on: behind a name, which a page token carries opaquely. */
final class QueueCursor {
  private QueueCursor() {}

  static String after(String name) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(name.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The name in a token; null for none.
   *
   * @throws RefusedException if no list has answered with it
   */
  static @Nullable String parse(@Nullable String token) {
    if (token == null) {
      return null;
    }
    String name = decoded(token);
    if (name.isEmpty() || !after(name).equals(token)) {
      throw new RefusedException(
          Refusal.INVALID_PAGE_TOKEN, "No list has answered with this pageToken.");
    }
    return name;
  }

  private static String decoded(String token) {
    try {
      return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notBase64) {
      return "";
    }
  }
}
