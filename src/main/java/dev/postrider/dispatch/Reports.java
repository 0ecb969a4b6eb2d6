package dev.postrider.dispatch;

import dev.postrider.metrics.Metrics;
import dev.postrider.store.ReportResult;

/** Counts the runs that reports close. */
final class Reports {
  private Reports() {}

  static void count(Metrics metrics, ReportResult answer) {
    if (answer instanceof ReportResult.Accepted accepted && !accepted.run().status().isOpen()) {
      metrics.jobClosed(accepted.run().status());
    }
  }
}
