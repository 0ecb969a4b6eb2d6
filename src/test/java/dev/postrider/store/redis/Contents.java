package dev.postrider.store.redis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that lies in a Redis, readable: key → part → value. The parts of a record are its
 * fields, those of a hash its fields, of sets their members, of a list its places, of a stream its
 * entries. What expires by the server's clock says so in hours.
 */
record Contents(Map<String, Map<String, String>> keys) {
  private static final double HOUR_MS = 3_600_000;

  /** Reads all keys; those of {@code tag} are called without it. */
  /** What describes a queue and steers nothing: {@link Invariants} holds it against the rest. */
  private static final String COUNTERS = "(b|bs|bo[1-5]|bk|br|po):.*";

  static Contents read(RawRedis redis, String tag, Decoded decoded) {
    Map<String, Map<String, String>> keys = new TreeMap<>();
    for (Object key : redis.list("KEYS", "*")) {
      String name = key.toString();
      if (!name.startsWith(tag)) {
        throw new AssertionError("a key of another partition: " + name);
      }
      String shown = name.substring(tag.length());
      Map<String, String> parts = parts(redis, name, shown, decoded);
      long ttlMs = Long.parseLong(redis.text("PTTL", name));
      if (ttlMs != -1) {
        // coarse: it runs by the server's clock while the test looks
        boolean days = ttlMs > 24 * HOUR_MS;
        parts.put(
            "ttl", days ? Math.round(ttlMs / HOUR_MS) + "h" : Math.round(ttlMs / 60_000.0) + "m");
      }
      keys.put(decoded.escape(shown), parts);
    }
    return new Contents(keys);
  }

  private static Map<String, String> parts(
      RawRedis redis, String key, String shown, Decoded decoded) {
    Map<String, String> parts = new LinkedHashMap<>();
    switch (redis.text("TYPE", key)) {
      case "string" -> {
        String value = redis.text("GET", key);
        if (shown.startsWith("j:") || shown.startsWith("j0:")) {
          return decoded.record(value);
        }
        parts.put("value", decoded.escape(value));
      }
      case "list" -> {
        int place = 0;
        for (Object item : redis.list("LRANGE", key, "0", "-1")) {
          parts.put(String.valueOf(place++), decoded.item(shown, item.toString()));
        }
      }
      case "hash" -> {
        List<?> all = redis.list("HGETALL", key);
        Map<String, String> sorted = new TreeMap<>();
        for (int i = 0; i < all.size(); i += 2) {
          sorted.put(
              decoded.escape(all.get(i).toString()),
              decoded.hashValue(shown, all.get(i + 1).toString()));
        }
        parts.putAll(sorted);
      }
      case "set" -> {
        Map<String, String> sorted = new TreeMap<>();
        redis.list("SMEMBERS", key).forEach(m -> sorted.put(decoded.escape(m.toString()), "in"));
        parts.putAll(sorted);
      }
      case "zset" -> {
        List<?> all = redis.list("ZRANGE", key, "0", "-1", "WITHSCORES");
        for (int i = 0; i < all.size(); i += 2) {
          parts.put(
              decoded.member(shown, all.get(i).toString()),
              decoded.number(all.get(i + 1).toString()));
        }
      }
      case "stream" -> {
        int place = 0;
        for (Object entry : redis.list("XRANGE", key, "-", "+")) {
          parts.put(String.valueOf(place++), decoded.event((List<?>) ((List<?>) entry).get(1)));
        }
      }
      default -> throw new IllegalStateException("a key of another type: " + key);
    }
    return parts;
  }

  /** What differs from {@code before}: a line for each key. */
  List<String> since(Contents before) {
    List<String> lines = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(keys.keySet());
    names.addAll(before.keys.keySet());
    names.removeIf(name -> name.matches(COUNTERS));
    for (String name : names) {
      Map<String, String> old = before.keys.getOrDefault(name, Map.of());
      Map<String, String> now = keys.getOrDefault(name, Map.of());
      List<String> changes = new ArrayList<>();
      old.forEach(
          (part, value) -> {
            if (!now.containsKey(part)) {
              changes.add("-" + part);
            }
          });
      now.forEach(
          (part, value) -> {
            if (!old.containsKey(part)) {
              changes.add(part + "=" + value);
            } else if (!Objects.equals(old.get(part), value)) {
              changes.add(part + "=" + old.get(part) + "→" + value);
            }
          });
      if (!changes.isEmpty()) {
        boolean made = !before.keys.containsKey(name);
        boolean gone = !keys.containsKey(name);
        lines.add((made ? "+ " : gone ? "- " : "~ ") + name + (gone ? "" : ": " + join(changes)));
      }
    }
    return lines;
  }

  private static String join(List<String> changes) {
    return String.join(" ", changes);
  }
}
