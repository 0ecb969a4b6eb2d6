package dev.postrider.api.query;

import dev.postrider.api.query.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads filters such as {@code ExecutionStatus = 'Running' AND TaskQueue = 'webhooks'}.
 *
 * <pre>
 * query      = [ conjunction ]
 * conjunction = comparison { AND comparison }
 * comparison  = field "=" string
 * </pre>
 *
 * A string stands in single or double quotes, a quote inside it is doubled. Fields and values are
 * case-sensitive, keywords are not. Each rule of the grammar is one method.
 */
public final class ListQuery {

  private final List<Token> tokens;
  private int at;

  private ListQuery(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** Reads a filter; an empty one holds for every job. */
  public static Condition parse(String text) throws InvalidQueryException {
    return new ListQuery(Tokenizer.tokenize(text)).query();
  }

  private Condition query() throws InvalidQueryException {
    if (peek().kind() == Kind.END) {
      return new Condition.And(List.of());
    }
    Condition condition = conjunction();
    if (peek().kind() != Kind.END) {
      throw expected("AND or the end");
    }
    return condition;
  }

  private Condition conjunction() throws InvalidQueryException {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(comparison());
    while (peek().isKeyword("AND")) {
      at++;
      conditions.add(comparison());
    }
    return conditions.size() == 1 ? conditions.get(0) : new Condition.And(conditions);
  }

  private Condition comparison() throws InvalidQueryException {
    ListField field = field();
    if (!peek().isSymbol("=")) {
      throw expected("=");
    }
    at++;
    return new Condition.Equal(field, value(field));
  }

  private ListField field() throws InvalidQueryException {
    Token token = peek();
    ListField field =
        token.kind() == Kind.WORD ? ListField.ofQueryName(token.text()).orElse(null) : null;
    if (field == null) {
      throw expected(ListField.allQueryNames());
    }
    at++;
    return field;
  }

  private String value(ListField field) throws InvalidQueryException {
    Token token = peek();
    List<String> words = field.words().orElse(List.of());
    boolean known = words.isEmpty() || words.contains(token.text());
    if (token.kind() != Kind.STRING || !known) {
      throw expected(
          words.isEmpty() ? "a string in quotes" : "one of '" + String.join("' '", words) + "'");
    }
    at++;
    return token.text();
  }

  private Token peek() {
    return tokens.get(at);
  }

  private InvalidQueryException expected(String what) {
    return new InvalidQueryException(peek().position(), what, peek().shown());
  }
}
