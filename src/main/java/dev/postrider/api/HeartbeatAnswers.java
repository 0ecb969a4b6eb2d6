package dev.postrider.api;

import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.store.HeartbeatResult;
import org.jspecify.annotations.Nullable;

/** How heartbeats are answered; a refusal is thrown. */
final class HeartbeatAnswers {

  private HeartbeatAnswers() {}

  static Answer byToken(HeartbeatResult result) {
    if (result instanceof HeartbeatResult.Recorded recorded) {
      return answer(recorded);
    }
    throw ReportAnswers.leaseLost();
  }

  static Answer byId(HeartbeatResult result, JobKey key, @Nullable RunId runId) {
    if (result instanceof HeartbeatResult.Recorded recorded) {
      return answer(recorded);
    }
    if (result instanceof HeartbeatResult.Closed closed) {
      throw ControlAnswers.closed(closed.status());
    }
    if (result instanceof HeartbeatResult.LeaseLost) {
      throw ControlAnswers.anotherAttempt();
    }
    throw JobRoutes.notFound(key, runId);
  }

  private static Answer answer(HeartbeatResult.Recorded recorded) {
    return Answer.json(200, out -> TaskJson.write(out, recorded.requested()));
  }
}
