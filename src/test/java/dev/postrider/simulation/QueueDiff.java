package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueDescription.Backlog;
import dev.postrider.store.QueueDescription.OfFairnessKey;
import dev.postrider.store.QueueDescription.OfPriority;
import dev.postrider.store.QueueDescription.Poller;
import dev.postrider.store.QueueSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Compares how queues are described with how they stand in the model. */
final class QueueDiff {
  private static final long POLLED_LATELY_MS = 90_000;

  private final ModelStore model;
  private final TaskQueue queue;
  private final long now;
  private final List<String> differences = new ArrayList<>();

  private QueueDiff(ModelStore model, TaskQueue queue, long now) {
    this.model = model;
    this.queue = queue;
    this.now = now;
  }

  /** What differs in a description; empty = nothing. */
  static List<String> of(ModelStore model, TaskQueue queue, long now, QueueDescription described) {
    QueueDiff diff = new QueueDiff(model, queue, now);
    diff.compare(described);
    return diff.differences;
  }

  private void compare(QueueDescription described) {
    List<ModelRun> waiting = model.lanes.runsOf(queue).toList();
    ModelQueues.Queue as = model.queues.of(queue);
    same("queue", queue, described.queue());
    same("paused", as.paused, described.paused());
    same("changed", as.changed, described.changed());
    same("configured bound", null, described.configuredMaxInFlightPerDestination());
    same("limits", as.limits, described.limits());
    same("partitions", model.settings.partitions(), described.partitions());
    same("in flight", (long) model.flight.inQueue(queue), described.inFlight());
    backlog("backlog", waiting, described.backlog(), true);
    Map<Integer, List<ModelRun>> priorities =
        by(waiting, run -> run.options.priority().priorityKey());
    same(
        "priorities",
        List.copyOf(priorities.keySet()),
        described.priorities().stream().map(OfPriority::priorityKey).toList());
    for (OfPriority each : described.priorities()) {
      List<ModelRun> runs = priorities.getOrDefault(each.priorityKey(), List.of());
      backlog("priority " + each.priorityKey(), runs, each.backlog(), true);
    }
    fairnessKeys(waiting, described);
    pollers(as, described);
  }

  private static <K> Map<K, List<ModelRun>> by(List<ModelRun> runs, Function<ModelRun, K> what) {
    return runs.stream().collect(Collectors.groupingBy(what, TreeMap::new, Collectors.toList()));
  }

  private void fairnessKeys(List<ModelRun> waiting, QueueDescription described) {
    Map<String, List<ModelRun>> keys = by(waiting, run -> run.options.priority().fairnessKey());
    same("fairness keys that wait", (long) keys.size(), described.fairnessKeysWaiting());
    same("fairness keys", keys.size(), described.fairnessKeys().size());
    long before = Long.MAX_VALUE;
    for (OfFairnessKey each : described.fairnessKeys()) {
      String key = each.fairnessKey();
      backlog("key \"" + key + '"', keys.getOrDefault(key, List.of()), each.backlog(), false);
      if (each.backlog().count() > before) {
        differences.add("fairness keys are out of order at \"" + key + '"');
      }
      before = each.backlog().count();
      if (model.settings.partitions() == 1) {
        same("weight of \"" + key + '"', model.weights.of(0, queue, key), each.weight());
      }
    }
  }

  /**
   * Compares a count and an age.
   *
   * @param exact the age is of the oldest of all, not only of those that were looked at
   */
  private void backlog(String what, List<ModelRun> waiting, Backlog described, boolean exact) {
    same(what, (long) waiting.size(), described.count());
    Duration age = described.age();
    if (waiting.isEmpty() || age == null) {
      // what waits under a limit of its destination is not looked at
      same("age of " + what, waiting.isEmpty() || !exact, age == null);
      return;
    }
    long oldest = waiting.stream().mapToLong(run -> now - run.dispatchAt).max().orElseThrow();
    long youngest = waiting.stream().mapToLong(run -> now - run.dispatchAt).min().orElseThrow();
    long most = Math.max(0, oldest) + 1000;
    long least = (exact ? oldest : youngest) - 1000;
    if (age.toMillis() < least || age.toMillis() > most) {
      differences.add(
          "age of " + what + ": " + oldest + " ms expected, but " + age + (exact ? "" : " (key)"));
    }
  }

  private void pollers(ModelQueues.Queue as, QueueDescription described) {
    if (model.settings.partitions() > 1) {
      // which partitions were asked, and when again after a lost reply, is nobody's business
      described.pollers().stream()
          .filter(poller -> !as.polls.containsKey(poller.worker()))
          .forEach(poller -> differences.add("never polled: " + poller));
      return;
    }
    Map<String, Long> lately = new TreeMap<>(as.polls);
    lately.values().removeIf(at -> at <= now - POLLED_LATELY_MS);
    same("pollers seen", (long) lately.size(), described.pollersSeen());
    same("pollers", lately.size(), described.pollers().size());
    for (Poller poller : described.pollers()) {
      Long at = lately.get(poller.worker());
      if (at == null || at != poller.lastPollAt().toEpochMilli()) {
        differences.add("last poll of " + poller + ": " + at + " expected");
      }
    }
  }

  /** What differs in a list of queues; empty = nothing. */
  static List<String> of(ModelStore model, String namespace, List<QueueSummary> listed) {
    List<String> differences = new ArrayList<>();
    String before = "";
    for (QueueSummary each : listed) {
      TaskQueue queue = each.queue();
      QueueSummary expected =
          new QueueSummary(
              queue,
              model.queues.isPaused(queue),
              model.lanes.runsOf(queue).count(),
              model.flight.inQueue(queue));
      if (!queue.namespace().equals(namespace) || !expected.equals(each)) {
        differences.add(expected + " expected, but " + each);
      }
      if (queue.name().compareTo(before) <= 0) {
        differences.add("out of order: " + queue);
      }
      before = queue.name();
    }
    for (TaskQueue queue : Universe.queues()) {
      boolean known =
          model.queues.of(queue).controlled
              || model.lanes.runsOf(queue).findAny().isPresent()
              || model.flight.inQueue(queue) > 0;
      if (known
          && queue.namespace().equals(namespace)
          && listed.stream().noneMatch(each -> each.queue().equals(queue))) {
        differences.add("not listed: " + queue);
      }
    }
    return differences;
  }

  private void same(String what, Object expected, Object described) {
    if (!Objects.equals(expected, described)) {
      differences.add(what + ": " + expected + " expected, but " + described);
    }
  }
}
