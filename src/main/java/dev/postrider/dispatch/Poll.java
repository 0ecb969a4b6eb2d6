package dev.postrider.dispatch;

import dev.postrider.store.LeaseResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;

/** One worker's call for tasks, from its arrival to its answer. */
public final class Poll {
  private final Handler<LeaseResult> putBack;
  private final Promise<LeaseResult> answer = Promise.promise();
  private boolean abandoned;
  private boolean patient;

  /**
   * @param patient it still waits when a lease finds nothing
   * @param putBack takes what could not be answered
   */
  Poll(boolean patient, Handler<LeaseResult> putBack) {
    this.patient = patient;
    this.putBack = putBack;
  }

  /** What there is for its worker; nothing when there was nothing until its wait was over. */
  public Future<LeaseResult> answer() {
    return answer.future();
  }

  /**
   * Says that the asker is gone or could not be answered: whatever is or will be leased for this
   * poll is handed back, and what it was to be told will be told again.
   */
  public void abandon() {
    if (abandoned) {
      return;
    }
    abandoned = true;
    if (!answer.tryComplete(LeaseResult.NOTHING)) {
      answer.future().onSuccess(this::giveBack);
    }
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

  void give(LeaseResult result) {
    if (!answer.tryComplete(result)) {
      giveBack(result);
    }
  }

  void fail(Throwable cause) {
    answer.tryFail(cause);
  }

  private void giveBack(LeaseResult result) {
    if (!result.isNothing()) {
      putBack.handle(result);
    }
  }
}
