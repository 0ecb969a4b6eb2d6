package dev.postrider.api;

import dev.postrider.api.json.FieldError;
import java.io.IOException;
import java.util.Map;

/** The form of problems. */
final class ProblemJson {

  static final String CONTENT_TYPE = "application/problem+json";

  private ProblemJson() {}

  static void write(JsonOutput out, Problem problem) throws IOException {
    out.text("type", problem.code().type());
    out.text("title", problem.code().title());
    out.number("status", problem.status());
    out.text("detail", problem.detail());
    out.text("code", problem.code().wire());
    if (!problem.errors().isEmpty()) {
      out.array(
          "errors",
          list -> {
            for (FieldError error : problem.errors()) {
              list.element(
                  fields -> {
                    fields.text("field", error.field());
                    fields.text("message", error.message());
                  });
            }
          });
    }
    for (Map.Entry<String, Object> extension : problem.extensions().entrySet()) {
      if (extension.getValue() instanceof Number number) {
        out.number(extension.getKey(), number.longValue());
      } else {
        out.text(extension.getKey(), extension.getValue().toString());
      }
    }
  }
}
