package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.postrider.testing.OpenApiContract;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Holds what goes over the wire against the contract. */
final class OpenApi {

  private static final Set<String> ANYWHERE = Set.of("route_not_found", "method_not_allowed");
  private static final OpenApiContract CONTRACT = OpenApiContract.load();
  private static final JsonNode DOCUMENT = read();

  private OpenApi() {}

  /** Every operation as {@code METHOD /path operationId}. */
  static SortedSet<String> operations() {
    SortedSet<String> operations = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : DOCUMENT.get("paths").properties()) {
      for (Map.Entry<String, JsonNode> member : path.getValue().properties()) {
        JsonNode operationId = member.getValue().get("operationId");
        if (operationId != null) {
          String method = member.getKey().toUpperCase(Locale.ROOT);
          operations.add(method + " " + path.getKey() + " " + operationId.asText());
        }
      }
    }
    return operations;
  }

  /** Every code that a problem can have. */
  static SortedSet<String> problemCodes() {
    SortedSet<String> codes = new TreeSet<>();
    DOCUMENT
        .at("/components/schemas/Problem/properties/code/enum")
        .forEach(code -> codes.add(code.asText()));
    return codes;
  }

  /** Fails if the answer is none that the contract names for the operation. */
  static void check(String method, String path, HttpAnswer answer) {
    boolean head = method.equals("HEAD");
    if (head || method.equals("OPTIONS") || ANYWHERE.contains(codeOf(answer))) {
      return;
    }
    // An id may be what a longer path is called; the contract then describes that path.
    String described =
        path.replaceFirst("^/v1/jobs/batch(?=\\?|$)", method.equals("POST") ? "$0" : "/v1/jobs/b");
    List<String> violations =
        CONTRACT.violationsOfAnswer(
            method,
            described,
            answer.status(),
            answer.header("Content-Type").isEmpty() ? null : answer.header("Content-Type"),
            answer.body());
    assertThat(violations).as("%s %s: %s", method, path, answer).isEmpty();
    boolean passes = answer.status() == 429 || answer.status() == 503;
    if (passes && !codeOf(answer).isEmpty()) {
      assertThat(answer.header("Retry-After")).as("%s %s", method, path).matches("[0-9]+");
    }
  }

  /** Whether the contract lets the body of a call be so. */
  static boolean allowsRequest(String method, String path, String json) {
    return violationsOfRequest(method, path, json).isEmpty();
  }

  /** Fails if the body of a call is none that the contract allows. */
  static void checkRequest(String method, String path, String json) {
    assertThat(violationsOfRequest(method, path, json))
        .as("%s %s: %s", method, path, json)
        .isEmpty();
  }

  /** Fails if the value is none of the named schema. */
  static void checkSchema(String name, String json) {
    assertThat(CONTRACT.violationsOfSchema(name, json)).as("%s: %s", name, json).isEmpty();
  }

  private static List<String> violationsOfRequest(String method, String path, String json) {
    return CONTRACT.violationsOfRequest(method, path, "application/json", json);
  }

  private static String codeOf(HttpAnswer answer) {
    return answer.header("Content-Type").equals("application/problem+json") ? answer.code() : "";
  }

  private static JsonNode read() {
    try (InputStream in = OpenApi.class.getResourceAsStream("/openapi.yaml")) {
      return new YAMLMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
