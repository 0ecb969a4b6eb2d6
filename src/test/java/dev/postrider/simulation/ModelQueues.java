package dev.postrider.simulation;

import dev.postrider.job.QueueLimits;
import dev.postrider.job.TaskQueue;
import dev.postrider.simulation.ModelFlight.Caps;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.QueueControl;
import dev.postrider.store.QueueDescription.Changed;
import dev.postrider.store.Setting;
import dev.postrider.store.UpdateLimitsResult;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is set for each queue at run time, and who polls it. */
final class ModelQueues {
  /** One queue. */
  static final class Queue {
    QueueLimits limits = QueueLimits.NONE;

    /** When its limits were changed last, and why at last; null = never. */
    @Nullable Changed changed;

    /** Since when it is paused, and why; null = it is not. */
    @Nullable Changed paused;

    /** Limits were set, or it was paused or not, at least once. */
    boolean controlled;

    /** When each worker polled last. */
    final Map<String, Long> polls = new TreeMap<>();

    private final Map<String, String> requestIds = new HashMap<>();
  }

  private final int maxEntries;
  private final Map<TaskQueue, Queue> queues = new HashMap<>();

  ModelQueues(int maxEntries) {
    this.maxEntries = maxEntries;
  }

  Queue of(TaskQueue queue) {
    return queues.computeIfAbsent(queue, q -> new Queue());
  }

  QueueLimits limits(TaskQueue queue) {
    return of(queue).limits;
  }

  boolean isPaused(TaskQueue queue) {
    return of(queue).paused != null;
  }

  /** The bounds on what is in flight in one partition: its share of each. */
  Caps caps(TaskQueue queue, int partition, int partitions) {
    QueueLimits limits = limits(queue);
    return new Caps(
        share(limits.maxInFlight(), partition, partitions),
        share(limits.maxInFlightPerFairnessKey(), partition, partitions),
        share(limits.maxInFlightPerDestination(), partition, partitions));
  }

  private static int share(@Nullable Integer cap, int partition, int partitions) {
    return cap == null ? Caps.UNBOUNDED : cap / partitions + (partition < cap % partitions ? 1 : 0);
  }

  UpdateLimitsResult update(QueueControl control, LimitsChange change, long now) {
    if (isRepeated("update", control)) {
      return new UpdateLimitsResult.Updated();
    }
    Queue queue = of(control.queue());
    QueueLimits old = queue.limits;
    QueueLimits limits =
        new QueueLimits(
            changed(old.rateLimit(), change.rateLimit()),
            changed(old.fairnessKeyRateLimit(), change.fairnessKeyRateLimit()),
            changed(old.fairnessKeyRateLimits(), change.fairnessKeyRateLimits()),
            changed(old.destinationRateLimits(), change.destinationRateLimits()),
            changed(old.fairnessWeights(), change.fairnessWeights()),
            changed(old.maxInFlight(), change.maxInFlight()),
            changed(old.maxInFlightPerFairnessKey(), change.maxInFlightPerFairnessKey()),
            changed(old.maxInFlightPerDestination(), change.maxInFlightPerDestination()));
    Map<String, Map<String, ?>> maps = new TreeMap<>();
    maps.put("fairnessKeyRateLimits", limits.fairnessKeyRateLimits());
    maps.put("destinationRateLimits", limits.destinationRateLimits());
    maps.put("fairnessWeights", limits.fairnessWeights());
    for (String field : maps.keySet()) {
      int entries = maps.get(field).size();
      if (entries > maxEntries) {
        return new UpdateLimitsResult.TooMany(field, entries, maxEntries);
      }
    }
    queue.limits = limits;
    queue.changed = changed(queue.changed, now, control);
    note("update", control);
    return new UpdateLimitsResult.Updated();
  }

  private static <T> @Nullable T changed(@Nullable T old, @Nullable Setting<T> setting) {
    return setting == null ? old : setting.value();
  }

  private static <T> Map<String, T> changed(Map<String, T> old, Entries<T> change) {
    Map<String, T> map = new TreeMap<>(change.clear() ? Map.of() : old);
    change
        .settings()
        .forEach(
            (name, setting) -> {
              if (setting.value() == null) {
                map.remove(name);
              } else {
                map.put(name, setting.value());
              }
            });
    return map;
  }

  private static Changed changed(@Nullable Changed before, long at, QueueControl control) {
    String reason = control.reason();
    if (reason == null && before != null) {
      reason = before.reason();
    }
    return new Changed(Instant.ofEpochMilli(at), reason);
  }

  void pause(QueueControl control, long now) {
    if (!isRepeated("pause", control)) {
      Queue queue = of(control.queue());
      long since = queue.paused == null ? now : queue.paused.at().toEpochMilli();
      queue.paused = changed(queue.paused, since, control);
      note("pause", control);
    }
  }

  void unpause(QueueControl control) {
    if (!isRepeated("unpause", control)) {
      of(control.queue()).paused = null;
      note("unpause", control);
    }
  }

  private boolean isRepeated(String kind, QueueControl control) {
    return control.requestId() != null
        && control.requestId().equals(of(control.queue()).requestIds.get(kind));
  }

  private void note(String kind, QueueControl control) {
    Queue queue = of(control.queue());
    queue.controlled = true;
    if (control.requestId() == null) {
      queue.requestIds.remove(kind);
    } else {
      queue.requestIds.put(kind, control.requestId());
    }
  }

  Set<TaskQueue> all() {
    return queues.keySet();
  }
}
