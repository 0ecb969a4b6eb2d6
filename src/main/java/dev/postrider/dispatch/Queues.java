package dev.postrider.dispatch;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueSummary;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.UpdateLimitsResult;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operator's half of dispatch: what is asked of a task queue.
 *
 * <p>Futures fail with what the store's fail with, and with {@link RefusedException}.
 */
public final class Queues {
  /** Of the fairness keys and of the pollers of a queue: as many as somebody reads. */
  private static final int NAMED = 100;

  private final TaskQueues store;

  public Queues(TaskQueues store) {
    this.store = store;
  }

  /** Into how many parts the store is divided. A bound on tasks in flight must not be less. */
  public int partitions() {
    return store.partitions();
  }

  /** How a queue stands. */
  public Future<QueueDescription> describe(TaskQueue queue) {
    return store.describe(queue, NAMED);
  }

  /** The queues of a namespace, in order of their names. */
  public Future<QueuePage> list(String namespace, int pageSize, @Nullable String pageToken) {
    return Future.succeededFuture(pageToken)
        .map(QueueCursor::parse)
        .compose(after -> store.list(namespace, after, pageSize + 1))
        .map(found -> page(found, pageSize));
  }

  /** Changes what limits a queue. */
  public Future<UpdateLimitsResult> updateLimits(QueueControl control, LimitsChange change) {
    return store.updateLimits(control, change);
  }

  /** Has no more tasks leased from a queue, and says how it stands then. */
  public Future<QueueDescription> pause(QueueControl control) {
    return store.pause(control).compose(paused -> describe(control.queue()));
  }

  /** Lets tasks be leased from a queue again, and says how it stands then. */
  public Future<QueueDescription> unpause(QueueControl control) {
    return store.unpause(control).compose(unpaused -> describe(control.queue()));
  }

  /**
   * A page of what was found.
   *
   * @param found one more than the page holds, if there are more
   */
  private static QueuePage page(List<QueueSummary> found, int pageSize) {
    if (found.size() <= pageSize) {
      return new QueuePage(found, null);
    }
    List<QueueSummary> page = found.subList(0, pageSize);
    return new QueuePage(page, QueueCursor.after(page.get(pageSize - 1).queue().name()));
  }
}
