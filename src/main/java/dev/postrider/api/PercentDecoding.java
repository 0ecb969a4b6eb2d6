package dev.postrider.api;

import dev.postrider.api.json.StrictUtf8;
import java.util.Optional;

/** Percent-encoded text of a request line, refused where it is wrong, never repaired. */
final class PercentDecoding {

  private PercentDecoding() {}

  /**
   * The text behind the encoding, or nothing if an escape is cut off or the bytes are no UTF-8.
   *
   * @param plusIsSpace as in a query, where {@code +} stands for a space
   */
  static Optional<String> decode(String encoded, boolean plusIsSpace) {
    byte[] bytes = new byte[encoded.length()];
    int length = 0;
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
        int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          return Optional.empty();
        }
        bytes[length++] = (byte) (high << 4 | low);
        i += 2;
      } else if (c > 0xFF) {
        return Optional.empty();
      } else {
        // The decoder of the request line gives each byte as one character.
        bytes[length++] = (byte) (c == '+' && plusIsSpace ? ' ' : c);
      }
    }
    return StrictUtf8.decode(java.util.Arrays.copyOf(bytes, length));
  }
}
