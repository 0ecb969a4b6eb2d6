package dev.postrider.dispatch;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A worker's call for tasks of several queues of one namespace.
 *
 * @param queues at least one, each once
 * @param strict a queue is asked only for what those before it cannot give; otherwise each gives
 *     its share
 * @param worker who asks, at most 1000 bytes
 * @param maxTasks at least 1, of all queues together
 * @param maxTasksPerSecond as of a {@link LeaseRequest}; null = any number
 */
public record PollRequest(
    List<Share> queues,
    boolean strict,
    String worker,
    int maxTasks,
    @Nullable Double maxTasksPerSecond) {
  /**
   * One of the queues.
   *
   * @param weight against those of the others; without meaning in strict order
   */
  public record Share(TaskQueue queue, double weight) {}

  public PollRequest {
    queues = List.copyOf(queues);
  }

  /** For tasks of one of the queues. */
  LeaseRequest of(TaskQueue queue, int tasks, long maxBytes) {
    return new LeaseRequest(queue, tasks, worker, false, maxTasksPerSecond, maxBytes);
  }
}
