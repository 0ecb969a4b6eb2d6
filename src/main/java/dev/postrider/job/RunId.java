package dev.postrider.job;

import java.util.HexFormat;
import java.util.Optional;

/**
 * One run of a job: eight random bytes, chosen by the node that accepted the start, so that a start
 * sent twice knows itself. Written as 16 lower-case hexadecimal digits.
 */
public record RunId(long bits) {
  private static final HexFormat HEX = HexFormat.of();

  /** Reads the sixteen digits; empty when {@code text} is anything else. */
  public static Optional<RunId> parse(String text) {
    if (text.length() != 16) {
      return Optional.empty();
    }
    for (int i = 0; i < 16; i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return Optional.empty();
      }
    }
    return Optional.of(new RunId(HexFormat.fromHexDigitsToLong(text)));
  }

  @Override
  public String toString() {
    return HEX.toHexDigits(bits);
  }
}
