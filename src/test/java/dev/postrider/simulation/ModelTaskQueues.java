package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueDescription.Backlog;
import dev.postrider.store.QueueDescription.OfFairnessKey;
import dev.postrider.store.QueueDescription.OfPriority;
import dev.postrider.store.QueueDescription.Poller;
import dev.postrider.store.QueueSummary;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.UpdateLimitsResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The model's task queues behind the store's own interface. */
final class ModelTaskQueues implements TaskQueues {
  private final ModelStore model;
  private final LongSupplier now;

  ModelTaskQueues(ModelStore model, LongSupplier now) {
    this.model = model;
    this.now = now;
  }

  @Override
  public int partitions() {
    return model.settings.partitions();
  }

  @Override
  public Future<UpdateLimitsResult> updateLimits(QueueControl control, LimitsChange change) {
    return Future.succeededFuture(model.updateLimits(control, change));
  }

  @Override
  public Future<Void> pause(QueueControl control) {
    model.queues.pause(control, now.getAsLong());
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> unpause(QueueControl control) {
    model.queues.unpause(control);
    return Future.succeededFuture();
  }

  @Override
  public Future<QueueDescription> describe(TaskQueue queue, int most) {
    List<ModelRun> waiting = model.lanes.runsOf(queue).toList();
    ModelQueues.Queue as = model.queues.of(queue);
    List<OfPriority> priorities = new ArrayList<>();
    by(waiting, run -> run.options.priority().priorityKey())
        .forEach((priority, runs) -> priorities.add(new OfPriority(priority, backlog(runs))));
    List<OfFairnessKey> keys = new ArrayList<>();
    by(waiting, run -> run.options.priority().fairnessKey())
        .forEach(
            (key, runs) ->
                keys.add(new OfFairnessKey(key, backlog(runs), model.weights.of(0, queue, key))));
    keys.sort(Comparator.comparingLong(key -> -key.backlog().count()));
    List<Poller> pollers = new ArrayList<>();
    as.polls.forEach(
        (worker, at) -> {
          if (at > now.getAsLong() - 90_000) {
            pollers.add(new Poller(worker, Instant.ofEpochMilli(at)));
          }
        });
    pollers.sort(Comparator.comparing(Poller::lastPollAt).reversed());
    return Future.succeededFuture(
        new QueueDescription(
            queue,
            as.paused,
            backlog(waiting),
            priorities,
            keys.stream().limit(most).toList(),
            keys.size(),
            model.flight.inQueue(queue),
            0,
            0,
            pollers.stream().limit(most).toList(),
            pollers.size(),
            as.limits,
            as.changed,
            null,
            partitions()));
  }

  private static <K> Map<K, List<ModelRun>> by(List<ModelRun> runs, Function<ModelRun, K> what) {
    return runs.stream().collect(Collectors.groupingBy(what, TreeMap::new, Collectors.toList()));
  }

  private Backlog backlog(List<ModelRun> runs) {
    long oldest = runs.stream().mapToLong(run -> run.dispatchAt).min().orElse(0);
    Duration age = Duration.ofSeconds(Math.max(0, now.getAsLong() - oldest) / 1000);
    return new Backlog(runs.size(), runs.isEmpty() ? null : age);
  }

  @Override
  public Future<List<QueueSummary>> list(String namespace, @Nullable String after, int most) {
    return Future.succeededFuture(
        Universe.queues().stream()
            .filter(queue -> queue.namespace().equals(namespace))
            .filter(queue -> after == null || queue.name().compareTo(after) > 0)
            .sorted(Comparator.comparing(TaskQueue::name))
            .limit(most)
            .map(
                queue ->
                    new QueueSummary(
                        queue,
                        model.queues.isPaused(queue),
                        model.lanes.runsOf(queue).count(),
                        model.flight.inQueue(queue)))
            .toList());
  }
}
