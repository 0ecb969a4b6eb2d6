package dev.postrider.simulation;

import dev.postrider.job.JobKey;
import dev.postrider.job.Task;
import dev.postrider.store.LeaseRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches that a worker with a {@code maxTasksPerSecond} is given no more in any stretch of time
 * than that allows, nor held up without need. Each partition gives its share of the rate, a
 * second's worth of it at once, or one task.
 */
final class ModelLimits {
  private record Limited(int partition, String namespace, String worker, double rate) {}

  /** When all that was given will have been earned: surely by {@link #latest}. */
  private static final class Bucket {
    final double rate;
    final double burst;
    double soonest;
    double latest;
    long at;
    final List<Long> grants = new ArrayList<>();

    Bucket(double rate, long now) {
      this.rate = rate;
      this.burst = Math.max(1, rate);
      this.at = now;
    }

    /** A clock that went back may have moved what was given with it, or not. */
    void pass(long now) {
      if (now < at) {
        grants.clear();
        soonest -= at - now;
      }
      at = now;
    }

    private double tokens(double earned) {
      return burst - Math.max(0, earned - at) * rate / 1000;
    }

    double least() {
      return tokens(latest);
    }

    double most() {
      return tokens(soonest);
    }

    /** Counts a grant; whether some stretch that ends with it holds too many. */
    boolean grant(long now) {
      grants.add(now);
      latest = Math.max(latest, (double) now) + 1000 / rate;
      soonest = Math.max(soonest, (double) now) + 1000 / rate;
      for (int i = grants.size() - 1; i >= 0; i--) {
        double allowed = burst + rate * (now - grants.get(i)) / 1000;
        if (grants.size() - i > allowed + 1e-6) {
          return true;
        }
      }
      return false;
    }

    /** A grant came to nothing: as if it had not been, at least as far as it is still owed. */
    void takeBack(long grantedAt) {
      grants.remove(grantedAt);
      soonest -= 1000 / rate;
      latest -= Math.max(0, 1000 / rate - Math.max(0, at - grantedAt));
    }
  }

  private final ModelStore.Settings settings;
  private final Map<Limited, Bucket> buckets = new HashMap<>();

  ModelLimits(ModelStore.Settings settings) {
    this.settings = settings;
  }

  private Bucket bucket(LeaseRequest request, int partition, long now) {
    return bucket(
        partition, request.queue().namespace(), request.worker(), request.maxTasksPerSecond(), now);
  }

  private Bucket bucket(int partition, String namespace, String worker, double all, long now) {
    double rate = all / settings.partitions();
    Bucket bucket =
        buckets.computeIfAbsent(
            new Limited(partition, namespace, worker, rate), k -> new Bucket(rate, now));
    bucket.pass(now);
    return bucket;
  }

  /** Counts what was given, and judges when the next may come. */
  void judge(LeaseRequest request, List<Task> tasks, @Nullable Duration nextIn, long now) {
    if (request.maxTasksPerSecond() == null) {
      if (nextIn != null) {
        throw new IllegalMove("held up for " + nextIn + " by no limit");
      }
      return;
    }
    for (Task task : tasks) {
      int partition = settings.partitionOf().applyAsInt(task.token().key());
      if (bucket(request, partition, now).grant(now)) {
        throw new IllegalMove("more given to " + request + " than its rate allows");
      }
    }
    if (nextIn != null && settings.partitions() == 1) {
      Bucket bucket = bucket(request, 0, now);
      double soonest = Math.max(0, (1 - bucket.most()) * 1000 / bucket.rate);
      double latest = Math.max(0, (1 - bucket.least()) * 1000 / bucket.rate);
      if (bucket.least() >= 1 + 1e-6 || nextIn.toMillis() < soonest - 1) {
        throw new IllegalMove(
            "held up for " + nextIn + ", but the next is due in " + soonest + " to " + latest);
      }
      if (nextIn.toMillis() > latest + 2) {
        throw new IllegalMove("held up for " + nextIn + ", longer than " + latest + " ms");
      }
    }
  }

  /** The clock went back to {@code now}: time passes that it does not count. */
  void wentBack(long now) {
    buckets.values().forEach(bucket -> bucket.pass(now));
  }

  /** A task is given back unworked: it costs nothing. */
  void handedBack(ModelRun run, long now) {
    if (run.rate != null) {
      JobKey key = run.birth.key();
      int partition = settings.partitionOf().applyAsInt(key);
      bucket(partition, key.namespace(), run.worker, run.rate, now).takeBack(run.startedAt);
    }
  }

  /** How many may surely be given now. */
  int room(LeaseRequest request, int partition, long now) {
    return request.maxTasksPerSecond() == null
        ? Integer.MAX_VALUE
        : (int) Math.floor(bucket(request, partition, now).least() + 1e-9);
  }

  /** How long until one more may be given; null = now. */
  @Nullable Duration nextIn(LeaseRequest request, int partition, long now) {
    if (request.maxTasksPerSecond() == null) {
      return null;
    }
    Bucket bucket = bucket(request, partition, now);
    double wait = (1 - bucket.least()) * 1000 / bucket.rate;
    return wait <= 0 ? null : Duration.ofMillis((long) Math.ceil(wait));
  }
}
