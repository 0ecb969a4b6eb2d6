package dev.postrider.dispatch;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts back what polls were given and could not be answered with. */
final class Unanswered implements Handler<LeaseResult> {
  private static final Logger LOG = LoggerFactory.getLogger(Unanswered.class);

  private final JobStore store;
  private final Runnable onDone;
  private int underWay;

  /**
   * @param onDone runs when something is put back
   */
  Unanswered(JobStore store, Runnable onDone) {
    this.store = store;
    this.onDone = onDone;
  }

  boolean isDone() {
    return underWay == 0;
  }

  @Override
  public void handle(LeaseResult unanswered) {
    if (!unanswered.tasks().isEmpty()) {
      putBack(
          "tasks.not_handed_back",
          store.handBack(unanswered.tasks().stream().map(Task::token).toList()));
    }
    if (!unanswered.notices().isEmpty()) {
      putBack(
          "notices.not_put_back",
          store.notifyAgain(unanswered.notices().stream().map(Notice::token).toList()));
    }
  }

  private void putBack(String event, Future<?> call) {
    underWay++;
    call.onFailure(cause -> LOG.warn("{} cause={}", event, cause.toString()))
        .onComplete(
            done -> {
              underWay--;
              onDone.run();
            });
  }
}
