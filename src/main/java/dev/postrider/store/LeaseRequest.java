package dev.postrider.store;

import dev.postrider.job.TaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * A worker's call for tasks.
 *
 * @param maxTasks at least 1
 * @param worker who asks, at most 1000 bytes; a built-in one is kept as {@code postrider/<node>}
 * @param builtIn the asker is this node itself: its leases live as long as the node does, in place
 *     of a heartbeat
 * @param maxTasksPerSecond how many tasks this worker is given in a second at most, over all nodes
 *     and all queues of the namespace; a second's worth, but at least one, may come at once. With
 *     several partitions each gives its share, and so at least one at once. Null = any number
 * @param maxBytes what the inputs and heartbeat details of its tasks may have together; what is
 *     over is handed back, but for the first task
 */
public record LeaseRequest(
    TaskQueue queue,
    int maxTasks,
    String worker,
    boolean builtIn,
    @Nullable Double maxTasksPerSecond,
    long maxBytes) {
  public LeaseRequest(
      TaskQueue queue,
      int maxTasks,
      String worker,
      boolean builtIn,
      @Nullable Double maxTasksPerSecond) {
    this(queue, maxTasks, worker, builtIn, maxTasksPerSecond, Long.MAX_VALUE);
  }

  public LeaseRequest(TaskQueue queue, int maxTasks, String worker, boolean builtIn) {
    this(queue, maxTasks, worker, builtIn, null);
  }

  /** The same for another number of tasks. */
  public LeaseRequest withMaxTasks(int value) {
    return new LeaseRequest(queue, value, worker, builtIn, maxTasksPerSecond, maxBytes);
  }

  /** The same with another bound on bytes. */
  public LeaseRequest withMaxBytes(long value) {
    return new LeaseRequest(queue, maxTasks, worker, builtIn, maxTasksPerSecond, value);
  }
}
