package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the API writes durations, instants, policies and failures, and names in paths. */
final class WireFormat {
  private WireFormat() {}

  /**
   * A duration.
   *
   * @throws IllegalArgumentException if it is negative or no whole number of milliseconds
   */
  static String duration(Duration duration) {
    if (duration.isNegative() || duration.toNanosPart() % 1_000_000 != 0) {
      throw new IllegalArgumentException(
          "must be a whole number of milliseconds, at least 0: " + duration);
    }
    return duration.toMillis() + "ms";
  }

  static Optional<Duration> duration(JsonNode node) {
    if (!node.isTextual()) {
      return Optional.empty();
    }
    String text = node.textValue();
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    long number = Long.parseLong(text.substring(0, digits));
    return Optional.of(
        switch (text.substring(digits)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          case "d" -> Duration.ofDays(number);
          default -> throw new IllegalStateException("not a duration: " + text);
        });
  }

  static Optional<Instant> instant(JsonNode node) {
    return node.isTextual() ? Optional.of(Instant.parse(node.textValue())) : Optional.empty();
  }

  static Optional<String> text(JsonNode node) {
    return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
  }

  static <E extends Enum<E>> Optional<E> constant(JsonNode node, Class<E> type) {
    return text(node).map(name -> Enum.valueOf(type, name.toUpperCase(Locale.ROOT)));
  }

  static void put(ObjectNode body, String name, @Nullable Duration duration) {
    if (duration != null) {
      try {
        body.put(name, duration(duration));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + " " + e.getMessage(), e);
      }
    }
  }

  static void put(ObjectNode body, String name, @Nullable String text) {
    if (text != null) {
      body.put(name, text);
    }
  }

  static ObjectNode retryPolicy(RetryPolicy policy) {
    ObjectNode node = Json.object();
    put(node, "initialInterval", policy.initialInterval());
    node.put("backoffCoefficient", policy.backoffCoefficient());
    put(node, "maximumInterval", policy.maximumInterval());
    node.put("maximumAttempts", policy.maximumAttempts());
    ArrayNode types = node.putArray("nonRetryableErrorTypes");
    policy.nonRetryableErrorTypes().forEach(types::add);
    return node.put("jitter", policy.jitter());
  }

  static ObjectNode priority(Priority priority) {
    return Json.object()
        .put("priorityKey", priority.priorityKey())
        .put("fairnessKey", priority.fairnessKey())
        .put("fairnessWeight", priority.fairnessWeight());
  }

  /** A name as one segment of a path or a value of a query. */
  static String encode(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
