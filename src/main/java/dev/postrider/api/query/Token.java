package dev.postrider.api.query;

/**
 * A piece of a filter.
 *
 * @param text of a string, what stands between its quotes, doubled quotes made one
 * @param position of its first character, from 1
 */
record Token(Kind kind, String text, int position) {

  enum Kind {
    WORD,
    STRING,
    NUMBER,
    SYMBOL,
    END
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  /** Keywords are written in any case. */
  boolean isKeyword(String keyword) {
    return kind == Kind.WORD && text.equalsIgnoreCase(keyword);
  }

  /** The token as an error message shows it. */
  String shown() {
    String cut = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    return switch (kind) {
      case END -> "the end";
      case STRING -> "the string '" + cut + "'";
      default -> cut;
    };
  }
}
