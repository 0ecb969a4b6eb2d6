package dev.postrider.store.redis;

import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.TaskQueue;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * How things are called in Redis. Every key begins with its partition's hash tag, whose slots are
 * spread evenly over a cluster. A name is {@code <namespace>/<id>}, in which the namespace's own
 * {@code %} and {@code /} are escaped, so that the first slash ends it.
 *
 * <p>The whole table of keys is in {@code lua/README.md}; here are those that Java itself names.
 */
final class Keys {
  private static final int SLOTS = 16384;

  private final List<String> tags;

  /**
   * @param partitions 1–64
   */
  Keys(int partitions) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      found.add(tag(i, partitions));
    }
    tags = List.copyOf(found);
  }

  int partitions() {
    return tags.size();
  }

  /** The hash of a partition's own facts; every script derives the other keys from it. */
  String meta(int partition) {
    return tags.get(partition) + "m";
  }

  /** STRING: the packed record of the latest run. */
  String job(int partition, String name) {
    return tags.get(partition) + "j:" + name;
  }

  /** STRING: the record of a run that is not the latest. */
  byte[] olderRun(int partition, String name, RunId runId) {
    return Buffer.buffer(tags.get(partition) + "j0:" + name + "/")
        .appendLong(runId.bits())
        .getBytes();
  }

  /** STRING beside a record: {@code i:} its input, {@code h:} its heartbeat details. */
  byte[] beside(int partition, String kind, byte[] runId) {
    return Buffer.buffer(tags.get(partition) + kind).appendBytes(runId).getBytes();
  }

  /** HASH: what leases need to know of a queue. */
  String queueFacts(int partition, String q) {
    return tags.get(partition) + "q:" + q;
  }

  /** STREAM: what happened. */
  String events(int partition) {
    return tags.get(partition) + "ev";
  }

  /** SET: every queue that jobs were started into, as {@code <namespace>/<queue>}. */
  String queues(int partition) {
    return tags.get(partition) + "queues";
  }

  /** Channel: what became leasable, and which deliveries to give up. */
  String wake(int partition) {
    return tags.get(partition) + "wake";
  }

  /** Channel: the event log grew. */
  String happened(int partition) {
    return tags.get(partition) + "happened";
  }

  /** Which partition a name lives in. */
  int partitionOf(String name) {
    if (tags.size() == 1) {
      return 0;
    }
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return (int) (crc.getValue() % tags.size());
  }

  static String name(JobKey key) {
    return escape(key.namespace()) + "/" + key.id();
  }

  static JobKey jobKey(String name) {
    int slash = name.indexOf('/');
    return new JobKey(unescape(name.substring(0, slash)), name.substring(slash + 1));
  }

  static String queue(TaskQueue queue) {
    return escape(queue.namespace()) + "/" + queue.name();
  }

  static TaskQueue taskQueue(String q) {
    int slash = q.indexOf('/');
    return new TaskQueue(unescape(q.substring(0, slash)), q.substring(slash + 1));
  }

  private static String escape(String namespace) {
    return namespace.indexOf('%') < 0 && namespace.indexOf('/') < 0
        ? namespace
        : namespace.replace("%", "%25").replace("/", "%2F");
  }

  private static String unescape(String escaped) {
    return escaped.indexOf('%') < 0 ? escaped : escaped.replace("%2F", "/").replace("%25", "%");
  }

  /** The first number whose slot lies in the partition's share of all slots. */
  private static String tag(int partition, int partitions) {
    for (int n = 0; ; n++) {
      if (slot(Integer.toString(n)) * partitions / SLOTS == partition) {
        return "{" + n + "}";
      }
    }
  }

  /** CRC-16/XMODEM mod 16384, as the Redis Cluster specification has it. */
  private static int slot(String tag) {
    int crc = 0;
    for (byte b : tag.getBytes(StandardCharsets.UTF_8)) {
      crc ^= b << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
      }
      crc &= 0xffff;
    }
    return crc % SLOTS;
  }
}
