package dev.postrider.api;

import java.util.List;

/** A method and a path in which segments that begin with a colon stand for any one. */
record RouteTemplate(String method, String path) {

  boolean matches(RequestPath request) {
    List<String> wanted = RequestPath.parse(path).segments();
    if (wanted.size() != request.segments().size()) {
      return false;
    }
    for (int i = 0; i < wanted.size(); i++) {
      String segment = wanted.get(i);
      if (!segment.startsWith(":") && !segment.equals(request.segment(i))) {
        return false;
      }
    }
    return true;
  }
}
