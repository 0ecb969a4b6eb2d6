package dev.postrider.api;

import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a request's path, decoded one by one from what was sent, so that an encoded slash
 * or dot inside an id stays what it is.
 */
record RequestPath(List<String> segments) {

  /** Refuses what could be read in two ways: bad escapes, empty segments and segments of dots. */
  static RequestPath parse(String path) {
    List<String> segments = new ArrayList<>();
    if (!path.equals("/")) {
      String[] parts = path.substring(path.startsWith("/") ? 1 : 0).split("/", -1);
      for (String part : parts) {
        String segment =
            PercentDecoding.decode(part, false)
                .orElseThrow(
                    () ->
                        Problem.invalidField("path", "must be percent-encoded UTF-8: " + cut(part))
                            .exception());
        if (segment.equals(".") || segment.equals("..")) {
          throw Problem.invalidField("path", "must not have the segment \"" + segment + "\"")
              .exception();
        }
        if (segment.isEmpty()) {
          throw Problem.of(
                  ProblemCode.ROUTE_NOT_FOUND, "The path has an empty segment: " + cut(path))
              .exception();
        }
        segments.add(segment);
      }
    }
    return new RequestPath(List.copyOf(segments));
  }

  String segment(int index) {
    return segments.get(index);
  }

  private static String cut(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }
}
