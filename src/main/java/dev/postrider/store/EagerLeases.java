package dev.postrider.store;

import dev.postrider.job.TaskQueue;
import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import java.util.Optional;

/**
 * Who on an event loop waits for tasks of a queue and can be given some in the same step that
 * starts jobs there. What it is given may be older or more urgent than what was started.
 */
@FunctionalInterface
public interface EagerLeases {
  EagerLeases NONE = queue -> Optional.empty();

  /**
   * Asked before starts into {@code queue} are sent. Who answers is waiting no more until its
   * answer comes.
   */
  Optional<Waiting> waitingFor(TaskQueue queue);

  /** A lease that goes along, and where its answer goes. */
  record Waiting(LeaseRequest request, Handler<AsyncResult<LeaseResult>> answer) {}
}
