package dev.postrider.store.redis;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueDescription.Backlog;
import dev.postrider.store.QueueDescription.Changed;
import dev.postrider.store.QueueDescription.OfFairnessKey;
import dev.postrider.store.QueueDescription.OfPriority;
import dev.postrider.store.QueueDescription.Poller;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts together what {@code lua/queue/describe.lua} answered for each partition. */
final class QueueReader {
  /** What waits in all partitions; the oldest counts. */
  private static final class Waiting {
    long count;
    long oldestMs = Long.MAX_VALUE;
    double weight = 1;

    void add(Response number, Response oldest, long unitMs) {
      count += number.toLong();
      String at = oldest.toString();
      if (!at.isEmpty()) {
        oldestMs = Math.min(oldestMs, Long.parseLong(at) * unitMs);
      }
    }

    void add(Waiting other) {
      count += other.count;
      oldestMs = Math.min(oldestMs, other.oldestMs);
    }

    Backlog backlog(long now) {
      return new Backlog(
          count,
          oldestMs == Long.MAX_VALUE
              ? null
              : Duration.ofSeconds(Math.max(0, now - oldestMs) / 1000));
    }
  }

  private final Map<Integer, Waiting> priorities = new TreeMap<>();
  private final Map<String, Waiting> keys = new HashMap<>();
  private final Map<String, Long> pollers = new HashMap<>();
  private long now;
  private long inFlight;
  private long keysWaiting;
  private long pollersSeen;
  private double added;
  private double leased;
  private int destinationMax;

  private QueueReader() {}

  /**
   * Reads.
   *
   * @param own the partition whose settings count: the first to be changed
   */
  static QueueDescription read(TaskQueue queue, int most, int own, List<Response> parts) {
    QueueReader reader = new QueueReader();
    parts.forEach(reader::add);
    return reader.description(queue, most, parts.size(), settings(parts.get(own)));
  }

  private static Map<String, String> settings(Response part) {
    Map<String, String> settings = new HashMap<>();
    Response flat = part.get(11);
    for (int i = 0; i < flat.size(); i += 2) {
      settings.put(flat.get(i).toString(), flat.get(i + 1).toString());
    }
    return settings;
  }

  private void add(Response part) {
    now = Math.max(now, part.get(1).toLong());
    inFlight += part.get(2).toLong();
    String configured = part.get(4).toString();
    destinationMax += configured.isEmpty() ? 0 : Integer.parseInt(configured);
    Response waiting = part.get(5);
    for (int i = 0; i < waiting.size(); i += 3) {
      priorities
          .computeIfAbsent(waiting.get(i).toInteger(), p -> new Waiting())
          .add(waiting.get(i + 1), waiting.get(i + 2), 1000);
    }
    Response rates = part.get(6);
    double seconds = rates.get(2).toLong() / 1000.0;
    added += rates.get(0).toLong() / seconds;
    leased += rates.get(1).toLong() / seconds;
    keysWaiting = Math.max(keysWaiting, part.get(7).toLong());
    Response named = part.get(8);
    for (int i = 0; i < named.size(); i += 4) {
      Waiting key = keys.computeIfAbsent(named.get(i).toString(), k -> new Waiting());
      key.add(named.get(i + 1), named.get(i + 3), 1);
      key.weight = Double.parseDouble(named.get(i + 2).toString());
    }
    pollersSeen = Math.max(pollersSeen, part.get(9).toLong());
    Response polled = part.get(10);
    for (int i = 0; i < polled.size(); i += 2) {
      pollers.merge(polled.get(i).toString(), polled.get(i + 1).toLong(), Math::max);
    }
  }

  private QueueDescription description(
      TaskQueue queue, int most, int partitions, Map<String, String> settings) {
    Waiting all = new Waiting();
    priorities.values().forEach(all::add);
    return new QueueDescription(
        queue,
        changed(settings, "=paused", "=paused_reason"),
        all.backlog(now),
        priorities.entrySet().stream()
            .map(one -> new OfPriority(one.getKey(), one.getValue().backlog(now)))
            .toList(),
        keys.entrySet().stream()
            .map(
                one ->
                    new OfFairnessKey(
                        one.getKey(), one.getValue().backlog(now), one.getValue().weight))
            .sorted(
                Comparator.comparingLong((OfFairnessKey key) -> -key.backlog().count())
                    .thenComparing(OfFairnessKey::fairnessKey))
            .limit(most)
            .toList(),
        Math.max(keysWaiting, keys.size()),
        inFlight,
        added,
        leased,
        pollers.entrySet().stream()
            .map(one -> new Poller(one.getKey(), Instant.ofEpochMilli(one.getValue())))
            .sorted(Comparator.comparing(Poller::lastPollAt).reversed())
            .limit(most)
            .toList(),
        Math.max(pollersSeen, pollers.size()),
        LimitFields.read(settings),
        changed(settings, "=at", "=reason"),
        destinationMax == 0 ? null : destinationMax,
        partitions);
  }

  private static @Nullable Changed changed(Map<String, String> settings, String at, String reason) {
    String ms = settings.get(at);
    return ms == null
        ? null
        : new Changed(Instant.ofEpochMilli(Long.parseLong(ms)), settings.get(reason));
  }
}
