package dev.postrider.simulation;

import dev.postrider.job.QueueLimits;
import dev.postrider.job.RateLimit;
import dev.postrider.job.TaskQueue;
import dev.postrider.simulation.ModelBucket.Limit;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.QueueDescription.Changed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was given under each rate: that of a queue holds over all partitions, and each partition has
 * its share of those of fairness keys, destinations and workers, and a burst of one at least.
 */
final class ModelLimits {
  private enum Kind {
    WORKER,
    QUEUE,
    FAIRNESS_KEY,
    DESTINATION
  }

  /**
   * What is limited.
   *
   * @param queue of a worker any queue of its namespace
   * @param name of the worker, key or destination
   */
  private record Limited(Kind kind, int partition, TaskQueue queue, String name) {}

  private final int partitions;
  private final ModelQueues queues;
  private final ModelWeights weights;
  private final Map<Limited, ModelBucket> buckets = new HashMap<>();
  private long now;

  ModelLimits(int partitions, ModelQueues queues, ModelWeights weights) {
    this.partitions = partitions;
    this.queues = queues;
    this.weights = weights;
  }

  /** The clock shows another time. */
  void pass(long to) {
    now = to;
    buckets.values().forEach(bucket -> bucket.pass(to));
  }

  long now() {
    return now;
  }

  /** Limits or weights may have changed. */
  void reconsider() {
    buckets.forEach(
        (limited, bucket) -> {
          if (limited.kind() != Kind.WORKER) {
            bucket.set(limit(limited));
          }
        });
  }

  private ModelBucket bucket(Limited limited) {
    return buckets.computeIfAbsent(
        limited,
        l -> {
          boolean noticedAtOnce = l.kind() == Kind.QUEUE || l.kind() == Kind.WORKER;
          ModelBucket bucket = new ModelBucket(name(l), noticedAtOnce, now);
          if (l.kind() != Kind.WORKER) {
            bucket.set(limit(l));
          }
          return bucket;
        });
  }

  private static String name(Limited l) {
    return "the rate of "
        + switch (l.kind()) {
          case WORKER -> "worker " + l.name();
          case QUEUE -> "queue " + l.queue();
          case FAIRNESS_KEY -> "key \"" + l.name() + "\" of " + l.queue();
          case DESTINATION -> "destination " + l.name() + " of " + l.queue();
        };
  }

  private @Nullable Limit limit(Limited limited) {
    QueueLimits limits = queues.limits(limited.queue());
    return switch (limited.kind()) {
      case WORKER -> null;
      case QUEUE -> limit(limits.rateLimit(), 1, 1);
      case FAIRNESS_KEY -> {
        RateLimit own = limits.fairnessKeyRateLimits().get(limited.name());
        yield own != null
            ? limit(own, 1, partitions)
            : limit(
                limits.fairnessKeyRateLimit(),
                weights.of(limited.partition(), limited.queue(), limited.name()),
                partitions);
      }
      case DESTINATION -> limit(limits.destinationRateLimits().get(limited.name()), 1, partitions);
    };
  }

  private static @Nullable Limit limit(@Nullable RateLimit of, double times, int parts) {
    if (of == null) {
      return null;
    }
    long rate = Math.round(of.requestsPerSecond() * times * 1e6 / parts);
    Integer burst = of.burst();
    long most = burst == null ? rate * 1000 : burst * ModelBucket.TOKEN / parts;
    return new Limit(rate, Math.max(ModelBucket.TOKEN, most));
  }

  ModelBucket ofQueue(TaskQueue queue) {
    return bucket(new Limited(Kind.QUEUE, 0, queue, ""));
  }

  /** That of a worker; null = it may have any number. */
  @Nullable ModelBucket ofWorker(LeaseRequest request, int partition) {
    return request.maxTasksPerSecond() == null
        ? null
        : ofWorker(
            request.queue().namespace(), request.worker(), request.maxTasksPerSecond(), partition);
  }

  private ModelBucket ofWorker(String namespace, String worker, double rate, int partition) {
    Limited limited = new Limited(Kind.WORKER, partition, new TaskQueue(namespace, "any"), worker);
    ModelBucket bucket = bucket(limited);
    bucket.set(limit(new RateLimit(rate, null), 1, partitions));
    return bucket;
  }

  /** Those of the lane's fairness key and destination. */
  List<ModelBucket> ofLane(LaneKey lane) {
    List<ModelBucket> of = new ArrayList<>();
    of.add(
        bucket(new Limited(Kind.FAIRNESS_KEY, lane.partition(), lane.queue(), lane.fairnessKey())));
    if (!lane.destination().isEmpty()) {
      of.add(
          bucket(
              new Limited(Kind.DESTINATION, lane.partition(), lane.queue(), lane.destination())));
    }
    return of;
  }

  /** Those of all keys and destinations of a queue that have one. */
  List<ModelBucket> inQueue(TaskQueue queue) {
    List<ModelBucket> of = new ArrayList<>();
    buckets.forEach(
        (limited, bucket) -> {
          boolean ofLane =
              limited.kind() == Kind.FAIRNESS_KEY || limited.kind() == Kind.DESTINATION;
          if (ofLane && limited.queue().equals(queue) && bucket.isSet()) {
            of.add(bucket);
          }
        });
    return of;
  }

  /** Whether the limits of the lane's own surely let it give one more. */
  boolean haveRoom(LaneKey lane) {
    return ofLane(lane).stream().allMatch(ModelBucket::surelyGives);
  }

  /** Counts a task that a lane gives, and remembers with its run what it was counted under. */
  void take(LeaseRequest request, LaneKey lane, ModelRun run) {
    List<ModelBucket> from = new ArrayList<>(ofLane(lane));
    from.add(ofQueue(lane.queue()));
    ModelBucket worker = ofWorker(request, lane.partition());
    if (worker != null) {
      from.add(worker);
    }
    from.removeIf(bucket -> !bucket.isSet());
    from.forEach(ModelBucket::take);
    run.counted = from;
    run.countedFor = worker;
  }

  /**
   * A task is given back unworked: it costs nothing. What was given before the limits of its queue
   * were changed, or before it was moved, stays given to them, since nobody knows what it cost.
   */
  void handedBack(ModelRun run) {
    ModelBucket ofQueue = ofQueue(run.queue());
    Changed changed = queues.of(run.queue()).changed;
    boolean stays = run.moved || (changed != null && run.startedAt < changed.at().toEpochMilli());
    for (ModelBucket bucket : run.counted) {
      if (bucket == run.countedFor || !stays) {
        // with several partitions that of the queue is given back by a call of its own
        bucket.takeBack(run.startedAt, partitions == 1 || bucket != ofQueue);
      }
    }
    run.counted = List.of();
  }
}
