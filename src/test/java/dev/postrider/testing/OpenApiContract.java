package dev.postrider.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The API document as a judge of what clients send and the service answers. Each check gives what
 * is wrong in words; an empty list means that the exchange is as documented.
 */
public final class OpenApiContract {

  private static final String ID = "https://postrider.dev/openapi.yaml";
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch");

  private final JsonNode document;
  private final SchemaRegistry schemas;

  private OpenApiContract(String text) throws IOException {
    this.document = new YAMLMapper().readTree(text);
    this.schemas =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(Map.of(ID, text)));
  }

  /** Reads {@code openapi.yaml} from the class path. */
  public static OpenApiContract load() {
    try (InputStream in = OpenApiContract.class.getResourceAsStream("/openapi.yaml")) {
      return new OpenApiContract(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every documented operation as {@code POST /v1/jobs/{id}/cancel}. */
  public Set<String> operations() {
    Set<String> operations = new TreeSet<>();
    document
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        name -> {
                          if (METHODS.contains(name)) {
                            operations.add(name.toUpperCase(Locale.ROOT) + " " + path.getKey());
                          }
                        }));
    return operations;
  }

  /**
   * What is wrong with a request that should be accepted.
   *
   * @param path with or without a query, which is not looked at
   */
  public List<String> violationsOfRequest(
      String method, String path, @Nullable String contentType, @Nullable String body) {
    Optional<Place> operation = operation(method, path);
    if (operation.isEmpty()) {
      return List.of(method + " " + path + " is not documented");
    }
    Optional<Place> expected = operation.get().child("requestBody");
    boolean hasBody = body != null && !body.isEmpty();
    if (expected.isEmpty()) {
      return hasBody ? List.of("no request body is documented") : List.of();
    }
    if (!hasBody) {
      boolean required = expected.get().node.path("required").asBoolean();
      return required ? List.of("a request body is required") : List.of();
    }
    String type = contentType == null ? "application/json" : contentType;
    return violationsOfContent(expected.get(), type, body);
  }

  /** What is wrong with an answer: its status, its content type or its body. */
  public List<String> violationsOfAnswer(
      String method, String path, int status, @Nullable String contentType, @Nullable String body) {
    Optional<Place> operation = operation(method, path);
    if (operation.isEmpty()) {
      return List.of(method + " " + path + " is not documented");
    }
    Optional<Place> answer =
        operation.get().child("responses").flatMap(all -> all.child(Integer.toString(status)));
    if (answer.isEmpty()) {
      return List.of("status " + status + " is not documented");
    }
    boolean hasBody = body != null && !body.isEmpty();
    if (answer.get().child("content").isEmpty()) {
      return hasBody ? List.of("no body is documented for status " + status) : List.of();
    }
    if (!hasBody) {
      return List.of("the answer has no body");
    }
    if (contentType == null) {
      return List.of("the answer has no content type");
    }
    return violationsOfContent(answer.get(), contentType, body);
  }

  /** What is wrong with a value of the named schema, such as the data of a stream. */
  public List<String> violationsOfSchema(String name, String json) {
    return check("#/components/schemas/" + name, json);
  }

  /** What is wrong with the examples of the document itself, each with its place. */
  public List<String> violationsOfExamples() {
    List<String> violations = new ArrayList<>();
    collectExamples(new Place("#", document), violations);
    return violations;
  }

  private void collectExamples(Place place, List<String> violations) {
    if (place.node.isObject()) {
      JsonNode example = place.node.get("example");
      if (example != null && place.node.path("schema").isObject()) {
        check(place.pointer + "/schema", example.toString())
            .forEach(violation -> violations.add(place.pointer + "/example: " + violation));
      }
    }
    place
        .node
        .properties()
        .forEach(
            child -> {
              if (!child.getKey().equals("example")) {
                collectExamples(
                    new Place(place.pointer + "/" + escaped(child.getKey()), child.getValue()),
                    violations);
              }
            });
  }

  private List<String> violationsOfContent(Place holder, String contentType, String body) {
    String mediaType = contentType.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    Optional<Place> content = holder.child("content").flatMap(all -> all.child(mediaType));
    if (content.isEmpty()) {
      return List.of("content type " + mediaType + " is not documented");
    }
    if (!mediaType.endsWith("json") || !content.get().node.has("schema")) {
      return List.of();
    }
    return check(content.get().pointer + "/schema", body);
  }

  private List<String> check(String pointer, String json) {
    return schemas
        .getSchema(SchemaLocation.of(ID + pointer))
        .validate(json, InputFormat.JSON)
        .stream()
        .map(Error::toString)
        .toList();
  }

  private Optional<Place> operation(String method, String path) {
    String[] asked = path.split("\\?", 2)[0].split("/", -1);
    String best = null;
    for (var entry : document.get("paths").properties()) {
      String template = entry.getKey();
      boolean better = best == null || !template.contains("{");
      if (better && matches(template.split("/", -1), asked)) {
        best = template;
      }
    }
    if (best == null) {
      return Optional.empty();
    }
    return new Place("#/paths/" + escaped(best), document.get("paths").get(best))
        .child(method.toLowerCase(Locale.ROOT));
  }

  private static boolean matches(String[] template, String[] asked) {
    if (template.length != asked.length) {
      return false;
    }
    for (int i = 0; i < asked.length; i++) {
      if (!template[i].equals(asked[i]) && !(template[i].startsWith("{") && !asked[i].isEmpty())) {
        return false;
      }
    }
    return true;
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D");
  }

  /** A node of the document and the URI fragment that leads to it. */
  private final class Place {

    private final String pointer;
    private final JsonNode node;

    Place(String pointer, JsonNode node) {
      this.pointer = pointer;
      this.node = node;
    }

    /** The member of that name, references followed. */
    Optional<Place> child(String name) {
      JsonNode child = node.get(name);
      if (child == null) {
        return Optional.empty();
      }
      if (child.has("$ref")) {
        String reference = child.get("$ref").asText();
        return Optional.of(new Place(reference, document.at(reference.substring(1))));
      }
      return Optional.of(new Place(pointer + "/" + escaped(name), child));
    }
  }
}
