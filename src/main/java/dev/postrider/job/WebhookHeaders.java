package dev.postrider.job;

import java.util.Locale;
import java.util.Set;

/** Which header fields a user may add to the request of a webhook. */
public final class WebhookHeaders {

  /** Most fields of one webhook. */
  public static final int MAX_COUNT = 50;

  /** Most characters of all names and values of one webhook. */
  public static final int MAX_LENGTH = 8192;

  /** Set by the delivery, or meant for one connection only. */
  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "content-length",
          "connection",
          "transfer-encoding",
          "idempotency-key",
          "user-agent",
          "keep-alive",
          "http2-settings",
          "te",
          "trailer",
          "upgrade",
          "expect");

  private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";

  private WebhookHeaders() {}

  /**
   * Refuses a field that would break the request or that the delivery sets itself.
   *
   * @throws IllegalArgumentException with a rule that reads on after the name of a field
   */
  public static void check(String name, String value) {
    if (name.isEmpty() || !name.chars().allMatch(WebhookHeaders::isTokenCharacter)) {
      throw new IllegalArgumentException("must have the name of a header field");
    }
    String folded = name.toLowerCase(Locale.ROOT);
    if (RESERVED.contains(folded)
        || folded.startsWith("proxy-")
        || folded.startsWith("webhook-")
        || folded.startsWith("postrider-")) {
      throw new IllegalArgumentException("is set by the delivery itself");
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c != '\t' && (c < ' ' || c > '~')) {
        throw new IllegalArgumentException(
            String.format(
                "must be printable ASCII, not have U+%04X at character %d", (int) c, i + 1));
      }
    }
    if (!value.equals(value.strip())) {
      throw new IllegalArgumentException("must not begin or end with white space");
    }
  }

  private static boolean isTokenCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || TOKEN_SYMBOLS.indexOf(c) >= 0;
  }
}
