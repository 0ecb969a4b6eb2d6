package dev.postrider.dispatch;

import dev.postrider.job.Failure;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.ReportResult;

/** What all reports share. */
final class Reports {
  private Reports() {}

  /** Counts the run that a report closed. */
  static void count(Metrics metrics, ReportResult answer) {
    if (answer instanceof ReportResult.Accepted accepted && !accepted.run().status().isOpen()) {
      metrics.jobClosed(accepted.run().status());
    }
  }

  /** What a report is answered that was too large, and failed its attempt for it. */
  static ReportResult tooLarge(ReportResult answer, Failure failure) {
    if (answer instanceof ReportResult.Accepted) {
      throw ResultTooLarge.refusal(failure);
    }
    return answer;
  }

  /** The same of a heartbeat. */
  static HeartbeatResult tooLargeBeat(ReportResult answer, Failure failure) {
    if (tooLarge(answer, failure) instanceof ReportResult.Closed closed) {
      return new HeartbeatResult.Closed(closed.status());
    }
    return answer instanceof ReportResult.NotFound
        ? new HeartbeatResult.NotFound()
        : new HeartbeatResult.LeaseLost();
  }
}
