package dev.postrider.store.redis;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows packed values as people read them; moments as ms from {@code origin}. */
record Decoded(long origin) {
  private static final long FAR = 20L * 365 * 86_400_000;

  /** A record's fields, without those that hold nothing. */
  Map<String, String> record(String value) {
    Buffer bytes = RawRedis.bytes(value);
    JobRecord record = new JobRecord(bytes);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("state", String.valueOf(record.state()));
    fields.put("fence", fence(record.fence()));
    fields.put("attempt", String.valueOf(record.attempt()));
    fields.put("due", moment(record.dispatchAt()));
    put(fields, "nonce", record.nonce() == 0 ? "" : eight(record.nonce()));
    put(fields, "started", moment(record.startedAt()));
    put(fields, "beat", moment(record.heartbeatAt()));
    put(fields, "beats", nonZero(record.heartbeats()));
    put(fields, "worker", nonZero(record.workerNumber()));
    put(fields, "ender", record.ender() == '-' ? "" : String.valueOf(record.ender()));
    put(fields, "closed", moment(record.closedAt()));
    Buffer outcome = record.inlineOutcome();
    put(
        fields,
        "outcome",
        record.isOutcomeApart() ? "apart" : outcome == null ? "" : "'" + outcome + "'");
    put(fields, "losses", nonZero(record.leaseLosses()));
    put(fields, "retryState", record.retryState() == null ? "" : record.retryState().name());
    put(fields, "flags", nonZero(bytes.getUnsignedByte(70)));
    fields.put("priority", String.valueOf(record.options().priority().priorityKey()));
    fields.put("run", eight(bytes.getLong(72)));
    fields.put("created", moment(record.createdAt()));
    fields.put("first", moment(record.firstDispatchAt()));
    put(fields, "chunk", nonZero(bytes.getInt(92)));
    put(fields, "expires", moment(record.expiresAt()));
    put(fields, "fairness", record.fairnessKey);
    put(fields, "to", record.destination);
    fields.put("queue", record.taskQueue);
    put(fields, "request", record.requestId);
    put(fields, "rerunOf", record.rerunOf == null ? "" : eight(record.rerunOf.bits()));
    return fields;
  }

  /** An item of a list. */
  String item(String key, String item) {
    if (key.startsWith("l:")) {
      return fence(RawRedis.bytes(item).getLong(0)) + " " + item.substring(8);
    }
    if (key.startsWith("x:")) {
      return refs(item);
    }
    if (key.startsWith("a:") && item.length() >= 41) {
      return attempt(new Unpacked(RawRedis.bytes(item), 0));
    }
    return escape(item);
  }

  private String attempt(Unpacked from) {
    String number = "#" + from.u4();
    String times =
        " due " + time(from.ms()) + " started " + time(from.ms()) + " ended " + time(from.ms());
    long next = from.ms();
    char how = from.letter();
    int beats = from.u4();
    int worker = from.u4();
    String failure = from.bytes(from.u4()).toString("ISO-8859-1");
    StringBuilder response = new StringBuilder();
    while (from.hasMore()) {
      response.append(from.letter());
    }
    return number
        + times
        + (next == 0 ? "" : " next " + time(next))
        + " "
        + how
        + (beats == 0 ? "" : " beats " + beats)
        + " worker "
        + worker
        + (failure.isEmpty() ? "" : " failure '" + escape(failure) + "'")
        + (response.isEmpty() ? "" : " response '" + escape(response.toString()) + "'");
  }

  /** A member of a sorted set. */
  String member(String key, String member) {
    return key.startsWith("tm") || key.startsWith("far") || key.startsWith("nt:")
        ? escape(member.substring(0, 8)) + " " + member.substring(8)
        : escape(member);
  }

  String hashValue(String key, String value) {
    if (key.startsWith("lr:")) {
      return escape(value.substring(0, 8) + "|" + value.substring(8).replace('\n', '|'));
    }
    return number(value);
  }

  /** A number, as a moment if it looks like one. */
  String number(String text) {
    if (text.matches("-?[0-9]{12,14}")) {
      long value = Long.parseLong(text);
      if (Math.abs(value - origin) < FAR) {
        return time(value);
      }
    }
    return escape(text);
  }

  /** What one entry of the event stream says. */
  String event(List<?> fields) {
    List<String> kinds = new ArrayList<>();
    for (int i = 0; i < fields.size(); i += 2) {
      String kind = fields.get(i).toString();
      String value = fields.get(i + 1).toString();
      if (!kind.equals("t")) {
        kinds.add(kind + items(kind.charAt(0), value));
      }
    }
    kinds.sort(null);
    return String.join("", kinds);
  }

  private String items(char kind, String value) {
    Unpacked from = new Unpacked(RawRedis.bytes(value), 0);
    List<String> items = new ArrayList<>();
    while (from.hasMore()) {
      StringBuilder item = new StringBuilder();
      if ("swN".indexOf(kind) < 0) {
        item.append('#').append(from.u4()).append(' ');
      }
      if (kind == 'R' || kind == 'o') {
        item.append(from.letter()).append(' ');
      }
      if ("rquRo".indexOf(kind) >= 0) {
        item.append("at ").append(time(from.ms())).append(' ');
      }
      if (kind == 'r' || kind == 'q') {
        item.append(from.text()).append(' ');
      }
      if (kind == 'D') {
        item.append("was ").append(from.letter()).append(' ');
      }
      if (kind == 'h') {
        item.append(from.letter()).append(' ');
      }
      item.append(eight(from.u8())).append(' ').append(from.line());
      items.add(item.toString());
      if (from.hasMore()) {
        from.skip(1);
      }
    }
    return items.toString();
  }

  /** What a script answered. */
  String reply(@Nullable Object reply) {
    if (reply == null) {
      return "nil";
    }
    if (reply instanceof List<?> list) {
      return "{" + String.join(", ", list.stream().map(this::reply).toList()) + "}";
    }
    String text = reply.toString();
    if (text.length() >= 124 && text.charAt(0) == 'A') {
      return "<" + eight(RawRedis.bytes(text).getLong(72)) + ">";
    }
    return number(text);
  }

  /** A fence of the tests' own, or the bytes that a call brought and the number within it. */
  private static String fence(long fence) {
    String text = Buffer.buffer().appendLong(fence).toString("ISO-8859-1");
    return text.charAt(6) == 0 ? text.substring(0, 6) + "#" + (int) text.charAt(7) : eight(fence);
  }

  static String eight(long bits) {
    return escapeBytes(Buffer.buffer().appendLong(bits).toString("ISO-8859-1"));
  }

  String escape(String text) {
    return escapeBytes(text);
  }

  private static String escapeBytes(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 127 && c != '\\') {
        shown.append(c);
      } else {
        shown.append(c == '\t' ? "\\t" : c == '\n' ? "\\n" : String.format("\\%02x", (int) c));
      }
    }
    return shown.toString();
  }

  private String refs(String text) {
    Unpacked from = new Unpacked(RawRedis.bytes(text), 0);
    List<String> refs = new ArrayList<>();
    while (from.hasMore()) {
      refs.add(eight(from.u8()) + " " + from.line());
      if (from.hasMore()) {
        from.skip(1);
      }
    }
    return String.join(", ", refs);
  }

  private String moment(@Nullable Instant at) {
    return at == null ? "" : time(at.toEpochMilli());
  }

  private String time(long ms) {
    return (ms < origin ? "" : "+") + (ms - origin);
  }

  private static String nonZero(int number) {
    return number == 0 ? "" : String.valueOf(number);
  }

  private static void put(Map<String, String> fields, String name, String value) {
    if (!value.isEmpty()) {
      fields.put(name, value);
    }
  }
}
