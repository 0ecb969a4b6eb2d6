package dev.postrider.api;

import dev.postrider.api.json.FieldError;
import dev.postrider.api.json.FieldErrors;
import dev.postrider.api.json.MalformedJsonException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A refused request as the caller sees it (RFC 9457).
 *
 * @param detail what is wrong with this request, for a human; never how the service is built
 * @param errors the fields that are wrong; empty if it is not about fields
 * @param extensions further members, strings or integers, in their order
 * @param headers header fields that go with the answer
 */
public record Problem(
    ProblemCode code,
    String detail,
    List<FieldError> errors,
    Map<String, Object> extensions,
    Map<String, String> headers) {

  /** How long a caller should wait where nothing better is known, in seconds. */
  private static final String RETRY_AFTER = "1";

  private static final Set<Integer> RETRYABLE = Set.of(429, 503);

  public Problem {
    errors = List.copyOf(errors);
  }

  /** A problem of the given kind; one that passes by itself says when to come again. */
  public static Problem of(ProblemCode code, String detail) {
    Map<String, String> headers =
        RETRYABLE.contains(code.status()) ? Map.of("Retry-After", RETRY_AFTER) : Map.of();
    return new Problem(code, detail, List.of(), Map.of(), headers);
  }

  /** One wrong field. */
  public static Problem invalidField(String field, String message) {
    FieldErrors errors = new FieldErrors();
    errors.add(field, message);
    return invalid(errors);
  }

  /** All the fields that were found wrong, at least one. */
  public static Problem invalid(FieldErrors errors) {
    List<FieldError> list = errors.list();
    FieldError first = list.get(0);
    int more = list.size() - 1 + errors.omitted();
    String detail =
        first.field() + " " + first.message() + (more == 0 ? "" : " (and " + more + " more)");
    return new Problem(ProblemCode.INVALID_REQUEST, detail, list, Map.of(), Map.of());
  }

  /** A body that is no JSON, with the place in it. */
  public static Problem malformed(MalformedJsonException e) {
    return of(
            ProblemCode.MALFORMED_JSON,
            e.getMessage() + " (line " + e.line() + ", column " + e.column() + ")")
        .with("line", e.line())
        .with("column", e.column());
  }

  /** The same with one more member. */
  public Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(extensions);
    more.put(name, value);
    return new Problem(code, detail, errors, more, headers);
  }

  /** The same with one more header field. */
  public Problem withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(code, detail, errors, extensions, more);
  }

  public int status() {
    return code.status();
  }

  /** To be thrown where a result cannot be returned. */
  public ProblemException exception() {
    return new ProblemException(this);
  }
}
