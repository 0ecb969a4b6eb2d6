package dev.postrider.store.redis;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that lies in Redis at one moment, read in one step. Bytes are Latin-1 characters here,
 * so that keys and members compare as they are.
 */
public final class Keyspace {
  private static final String DUMP =
      """
      local out = {}
      for _, key in ipairs(redis.call('KEYS', '*')) do
        local kind = redis.call('TYPE', key).ok
        local what
        if kind == 'string' then
          what = { redis.call('GET', key) }
        elseif kind == 'list' then
          what = redis.call('LRANGE', key, 0, -1)
        elseif kind == 'hash' then
          what = redis.call('HGETALL', key)
        elseif kind == 'zset' then
          what = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
        elseif kind == 'set' then
          what = redis.call('SMEMBERS', key)
        else
          what = {}
        end
        out[#out + 1] = key
        out[#out + 1] = kind
        out[#out + 1] = what
      end
      return out
      """;

  final Map<String, String> strings = new TreeMap<>();
  final Map<String, List<String>> lists = new TreeMap<>();
  final Map<String, Map<String, String>> hashes = new TreeMap<>();
  final Map<String, Map<String, Double>> sortedSets = new TreeMap<>();

  private Keyspace() {}

  /** Reads it all. */
  public static Future<Keyspace> read(ScriptRunner redis) {
    return redis.send(Request.cmd(Command.EVAL, DUMP, 0)).map(Keyspace::of);
  }

  private static Keyspace of(Response dump) {
    Keyspace all = new Keyspace();
    for (int i = 0; i < dump.size(); i += 3) {
      String key = text(dump.get(i));
      List<String> what = new ArrayList<>();
      dump.get(i + 2).forEach(value -> what.add(text(value)));
      switch (dump.get(i + 1).toString()) {
        case "string" -> all.strings.put(key, what.get(0));
        case "list", "set" -> all.lists.put(key, what);
        case "hash" -> all.hashes.put(key, pairs(what));
        case "zset" -> {
          Map<String, Double> scores = new LinkedHashMap<>();
          pairs(what)
              .forEach(
                  (member, score) ->
                      scores.put(member, Double.valueOf(score.replace("inf", "Infinity"))));
          all.sortedSets.put(key, scores);
        }
        default -> {}
      }
    }
    return all;
  }

  private static Map<String, String> pairs(List<String> flat) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (int i = 0; i < flat.size(); i += 2) {
      pairs.put(flat.get(i), flat.get(i + 1));
    }
    return pairs;
  }

  /** What is wrong with a partition; empty = nothing. */
  public List<String> brokenInvariants(int partitions, int partition, long retentionMs) {
    String meta = new Keys(partitions).meta(partition);
    return new KeyspaceCheck(this, meta.substring(0, meta.length() - 1), retentionMs).broken();
  }

  /** Lanes, rings, waiting sets and counts, a line each. */
  public List<String> picture() {
    List<String> lines = new ArrayList<>();
    lists.forEach((key, entries) -> line(lines, key, "l:", entries.size() + " entries"));
    for (String kind :
        List.of(
            "r1", "r2", "r3", "r4", "r5", "d:", "wd:", "wk:", "pk", "parked", "tm", "nodes")) {
      sortedSets.forEach((key, members) -> line(lines, key, kind, members));
    }
    hashes.forEach((key, fields) -> line(lines, key, "q:", fields));
    hashes.forEach((key, fields) -> line(lines, key, "n:", fields));
    hashes.forEach((key, fields) -> line(lines, key, "cf:", fields));
    strings.forEach((key, value) -> line(lines, key, "lk:", value));
    return lines;
  }

  private static void line(List<String> lines, String key, String kind, Object what) {
    if (key.substring(key.indexOf('}') + 1).startsWith(kind)) {
      String text = key + " = " + what;
      lines.add(text.replace('\t', '|').replaceAll("[^\\x20-\\x7e]", "?"));
    }
  }

  static String text(Response value) {
    return new String(value.toBytes(), StandardCharsets.ISO_8859_1);
  }

  static Buffer bytes(String text) {
    return Buffer.buffer(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** UTF-8 text as this keyspace writes it. */
  static String latin(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @Nullable Double score(String key, String member) {
    return sortedSets.getOrDefault(key, Map.of()).get(member);
  }
}
