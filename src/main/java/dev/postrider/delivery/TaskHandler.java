package dev.postrider.delivery;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import dev.postrider.job.Task;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Does the work of one activity type on this node. */
interface TaskHandler {
  /**
   * Starts working on a task.
   *
   * @param within how long the work may take; when that is over, the handler ends it as failed
   */
  Work start(Task task, Duration within);

  /** Work under way. */
  interface Work {
    /** How it ended; never fails. */
    Future<Ending> ending();

    /** Gives it up at once: the connection is cut, the ending does not matter. */
    void abort();
  }

  /** How an attempt ended. */
  sealed interface Ending {
    @Nullable DeliveryResponse response();
  }

  /** The work is done. */
  record Done(@Nullable Buffer result, @Nullable DeliveryResponse response) implements Ending {}

  /** It is not. */
  record Failed(Failure failure, @Nullable DeliveryResponse response) implements Ending {}
}
