package dev.postrider.api.json;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a text may be.
 *
 * @param minBytes the fewest bytes of UTF-8
 * @param maxBytes the most bytes of UTF-8
 * @param oneLine whether control characters are refused
 * @param name whether {@code .} and {@code ..} are refused, because the text is part of paths
 */
public record TextRule(int minBytes, int maxBytes, boolean oneLine, boolean name) {

  /** Ids, types, task queues and namespaces. */
  public static final TextRule IDENTIFIER = new TextRule(1, 1000, true, true);

  /** A request id. */
  public static final TextRule REQUEST_ID = new TextRule(1, 1000, true, false);

  /**
   * What is wrong with a text that is kept as it is, whatever its length and characters; nothing
   * but that it may be no Unicode.
   */
  public static Optional<String> brokenUnicode(String text) {
    int surrogate = loneSurrogate(text);
    return surrogate < 0
        ? Optional.empty()
        : Optional.of("must not have an unpaired surrogate, as at character " + (surrogate + 1));
  }

  /** Text of one line, up to so many bytes, possibly empty. */
  public static TextRule oneLine(int maxBytes) {
    return new TextRule(0, maxBytes, true, false);
  }

  /** Text of any number of lines, up to so many bytes, possibly empty. */
  public static TextRule lines(int maxBytes) {
    return new TextRule(0, maxBytes, false, false);
  }

  /**
   * What is wrong with the text, in words that read on after a field's name; nothing if all is
   * well.
   */
  public Optional<String> broken(String text) {
    Optional<String> noUnicode = brokenUnicode(text);
    if (noUnicode.isPresent()) {
      return noUnicode;
    }
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < minBytes) {
      return Optional.of("must not be empty");
    }
    if (bytes > maxBytes) {
      return Optional.of("must be at most " + maxBytes + " bytes of UTF-8, not " + bytes);
    }
    if (name && (text.equals(".") || text.equals(".."))) {
      return Optional.of("must not be \"" + text + "\"");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) && (oneLine || !isLayout(c))) {
        return Optional.of(
            String.format(
                "must not have control characters, as U+%04X at character %d", (int) c, i + 1));
      }
    }
    return Optional.empty();
  }

  private static boolean isLayout(char c) {
    return c == '\n' || c == '\r' || c == '\t';
  }

  private static int loneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        return i;
      }
    }
    return -1;
  }
}
