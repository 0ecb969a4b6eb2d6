package dev.postrider.dispatch;

import dev.postrider.job.Task;
import dev.postrider.job.TaskToken;
import dev.postrider.store.LeaseRequest;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import java.util.List;

/** One worker's call for tasks, from its arrival to its answer. */
public final class Poll {
  private final LeaseRequest request;
  private final Handler<List<TaskToken>> handBack;
  private final Promise<List<Task>> answer = Promise.promise();
  private boolean abandoned;
  private boolean patient;

  Poll(LeaseRequest request, boolean patient, Handler<List<TaskToken>> handBack) {
    this.request = request;
    this.patient = patient;
    this.handBack = handBack;
  }

  /** What was leased for it; empty when nothing was until its wait was over. */
  public Future<List<Task>> tasks() {
    return answer.future();
  }

  /**
   * Says that the asker is gone or could not be answered: whatever is or will be leased for this
   * poll is handed back.
   */
  public void abandon() {
    if (abandoned) {
      return;
    }
    abandoned = true;
    if (!answer.tryComplete(List.of())) {
      answer.future().onSuccess(this::giveBack);
    }
  }

  LeaseRequest request() {
    return request;
  }

  boolean isAnswered() {
    return answer.future().isComplete();
  }

  /** It still waits when a lease finds nothing. */
  boolean isPatient() {
    return patient;
  }

  void losePatience() {
    patient = false;
  }

  void give(List<Task> tasks) {
    if (!answer.tryComplete(tasks)) {
      giveBack(tasks);
    }
  }

  void fail(Throwable cause) {
    answer.tryFail(cause);
  }

  private void giveBack(List<Task> tasks) {
    if (!tasks.isEmpty()) {
      handBack.handle(tasks.stream().map(Task::token).toList());
    }
  }
}
