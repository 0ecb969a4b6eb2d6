package dev.postrider.store;

import dev.postrider.job.TaskQueue;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The task queues of a store: what limits each of them, and how it stands. Every method may be
 * called again when its answer was lost; futures fail as those of {@link JobStore}.
 *
 * <p>A queue that nobody has used is an empty one.
 *
 * <p>An instance belongs to one event loop.
 */
public interface TaskQueues {
  /** Into how many parts the store is divided. A bound on tasks in flight must not be less. */
  int partitions();

  /** Changes the limits of a queue, in effect at once on all nodes, for what waits too. */
  Future<UpdateLimitsResult> updateLimits(QueueControl control, LimitsChange change);

  /** Has no more tasks leased from a queue; those that are go on. */
  Future<Void> pause(QueueControl control);

  /** Lets tasks be leased from a queue again. */
  Future<Void> unpause(QueueControl control);

  /**
   * How a queue stands.
   *
   * @param most fairness keys and pollers to name, of each
   */
  Future<QueueDescription> describe(TaskQueue queue, int most);

  /**
   * The queues of a namespace that have or had jobs or limits, in order of their names.
   *
   * @param after only those behind this name; null = from the first
   * @param most how many
   */
  Future<List<QueueSummary>> list(String namespace, @Nullable String after, int most);
}
