package dev.postrider.api.query;

import dev.postrider.api.query.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Cuts a filter into its pieces; knows those of the whole language, not only those in use yet. */
final class Tokenizer {

  private static final List<String> SYMBOLS =
      List.of("!=", "<=", ">=", "=", "<", ">", "(", ")", ",");

  private final String text;
  private int at;

  private Tokenizer(String text) {
    this.text = text;
  }

  /** All tokens, {@link Kind#END} last. */
  static List<Token> tokenize(String text) throws InvalidQueryException {
    Tokenizer tokenizer = new Tokenizer(text);
    List<Token> tokens = new ArrayList<>();
    Token token;
    do {
      token = tokenizer.next();
      tokens.add(token);
    } while (token.kind() != Kind.END);
    return tokens;
  }

  private Token next() throws InvalidQueryException {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    int start = at;
    if (at == text.length()) {
      return new Token(Kind.END, "", start + 1);
    }
    char c = text.charAt(at);
    if (c == '\'' || c == '"') {
      return string(c);
    }
    if (c == '`') {
      return backquoted();
    }
    if (isWordStart(c)) {
      return run(Kind.WORD, ch -> isWordStart(ch) || isDigit(ch) || ch == '.');
    }
    if (isDigit(c) || (c == '-' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
      at++;
      return runFrom(start, Kind.NUMBER, ch -> isDigit(ch) || ch == '.');
    }
    for (String symbol : SYMBOLS) {
      if (text.startsWith(symbol, at)) {
        at += symbol.length();
        return new Token(Kind.SYMBOL, symbol, start + 1);
      }
    }
    throw new InvalidQueryException(
        start + 1, "a field, a value or an operator", "the character " + shown(start));
  }

  private Token string(char quote) throws InvalidQueryException {
    int start = at++;
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != quote) {
        value.append(c);
      } else if (at < text.length() && text.charAt(at) == quote) {
        value.append(c);
        at++;
      } else {
        return new Token(Kind.STRING, value.toString(), start + 1);
      }
    }
    throw new InvalidQueryException(text.length() + 1, "the closing quote " + quote, "the end");
  }

  /** A field name that is no plain word. */
  private Token backquoted() throws InvalidQueryException {
    int start = at;
    int end = text.indexOf('`', at + 1);
    if (end < 0) {
      throw new InvalidQueryException(text.length() + 1, "the closing quote `", "the end");
    }
    at = end + 1;
    return new Token(Kind.WORD, text.substring(start + 1, end), start + 1);
  }

  private Token run(Kind kind, IntPredicate belongs) {
    return runFrom(at, kind, belongs);
  }

  private Token runFrom(int start, Kind kind, IntPredicate belongs) {
    while (at < text.length() && belongs.test(text.charAt(at))) {
      at++;
    }
    return new Token(kind, text.substring(start, at), start + 1);
  }

  private String shown(int index) {
    int codePoint = text.codePointAt(index);
    return Character.isISOControl(codePoint) || !Character.isDefined(codePoint)
        ? String.format("U+%04X", codePoint)
        : Character.toString(codePoint);
  }

  private static boolean isWordStart(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
