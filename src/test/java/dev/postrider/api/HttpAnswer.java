package dev.postrider.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An answer as it came over the wire. */
record HttpAnswer(int status, Map<String, List<String>> headers, String body) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  HttpAnswer {
    Map<String, List<String>> folded = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    folded.putAll(headers);
    headers = folded;
  }

  String header(String name) {
    List<String> values = headers.get(name);
    return values == null ? "" : String.join(",", values);
  }

  JsonNode json() {
    try {
      return MAPPER.readTree(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String code() {
    return json().path("code").asText();
  }
}
