package dev.postrider.api;

import dev.postrider.api.json.TextRule;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list is asked for.
 *
 * @param size how many entries it has at most
 * @param token of the page before; null = the first page
 */
record Paging(int size, @Nullable String token) {

  private static final int DEFAULT_SIZE = 100;

  /** Reads it from the query. */
  static Paging of(Exchange exchange, ApiLimits limits) {
    int most = limits.maxPageSize();
    int size = exchange.query().integer("pageSize", 1, most, Math.min(DEFAULT_SIZE, most));
    // The request line bounds it; what is no token is told as such.
    TextRule anything = TextRule.lines(limits.maxRequestLineBytes());
    return new Paging(size, exchange.query().text("pageToken", anything));
  }
}
