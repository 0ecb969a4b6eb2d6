package dev.postrider.store;

import dev.postrider.job.TaskQueue;
import io.vertx.core.Future;
import java.util.Set;

/** Knows the task queues that jobs were started into. */
public interface QueueRegistry {
  /** Every (namespace, queue) that has or had jobs; may hold some that have none any more. */
  Future<Set<TaskQueue>> queues();
}
