package dev.postrider.store;

import dev.postrider.job.QueueLimits;
import dev.postrider.job.TaskQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a task queue stands.
 *
 * @param paused null = it is not
 * @param backlog what waits for its turn
 * @param priorities the same of each priority that has any, the most urgent first
 * @param fairnessKeys the same of the keys with the most, the most first; with several partitions,
 *     as far as they are among those with the most of each
 * @param fairnessKeysWaiting how many keys have any; with several partitions, at least
 * @param inFlight how many of its tasks are leased
 * @param addedPerSecond how many came to wait, on average over the last minute
 * @param leasedPerSecond how many were leased, alike
 * @param pollers who polled it in the last 90 seconds, the latest first
 * @param pollersSeen how many they are; with several partitions, at least
 * @param limits what was set for it
 * @param changed when that was set last; null = never
 * @param configuredMaxInFlightPerDestination what holds by the nodes' configuration, where {@code
 *     limits} has none: for the queues that their built-in workers serve; null = nothing
 * @param partitions how many parts it is in: its rate holds over all of them, other rates and
 *     bounds are divided over them
 */
public record QueueDescription(
    TaskQueue queue,
    @Nullable Changed paused,
    Backlog backlog,
    List<OfPriority> priorities,
    List<OfFairnessKey> fairnessKeys,
    long fairnessKeysWaiting,
    long inFlight,
    double addedPerSecond,
    double leasedPerSecond,
    List<Poller> pollers,
    long pollersSeen,
    QueueLimits limits,
    @Nullable Changed changed,
    @Nullable Integer configuredMaxInFlightPerDestination,
    int partitions) {
  /** When an operator did something, and why. */
  public record Changed(Instant at, @Nullable String reason) {}

  /**
   * What waits for its turn.
   *
   * @param age since when the oldest could have been dispatched, to the second; null = nothing
   *     waits
   */
  public record Backlog(long count, @Nullable Duration age) {}

  /** What waits with a priority. */
  public record OfPriority(int priorityKey, Backlog backlog) {}

  /**
   * What waits with a fairness key.
   *
   * @param weight as it counts now
   */
  public record OfFairnessKey(String fairnessKey, Backlog backlog, double weight) {}

  /** Somebody who asks for tasks. */
  public record Poller(String worker, Instant lastPollAt) {}
}
