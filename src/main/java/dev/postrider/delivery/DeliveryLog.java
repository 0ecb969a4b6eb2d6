package dev.postrider.delivery;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Task;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RunSummary;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one line per attempt, with all that an operator asks about it. */
final class DeliveryLog {
  private static final Logger LOG = LoggerFactory.getLogger("dev.postrider.delivery");

  private final Metrics metrics;

  DeliveryLog(Metrics metrics) {
    this.metrics = metrics;
  }

  /** It was made and reported. */
  void attempted(Task task, TaskHandler.Ending ending, Duration taken, ReportResult result) {
    measure(task, ending, taken);
    RunSummary run = result instanceof ReportResult.Accepted accepted ? accepted.run() : null;
    LOG.info(
        "delivery.attempted {} report={}{}",
        line(task, ending, taken),
        run == null ? "lease_lost" : run.status().wire(),
        run == null || run.nextAttemptAt() == null ? "" : " next_at=" + run.nextAttemptAt());
  }

  /** It was made, but the store could not be told: the attempt will end as a timeout. */
  void unreported(Task task, TaskHandler.Ending ending, Duration taken, Throwable cause) {
    measure(task, ending, taken);
    LOG.warn(
        "delivery.attempted {} report=lost cause={}", line(task, ending, taken), cause.toString());
  }

  /** It was given up because the job ended or was asked to. */
  void aborted(Task task, Duration taken) {
    LOG.info("delivery.aborted {}", place(task, taken));
  }

  private void measure(Task task, TaskHandler.Ending ending, Duration taken) {
    metrics.deliveryAttempted(task.taskQueue(), task.type(), outcome(ending), taken);
  }

  private static String outcome(TaskHandler.Ending ending) {
    return ending instanceof TaskHandler.Failed failed ? failed.failure().type() : "completed";
  }

  private static String line(Task task, TaskHandler.Ending ending, Duration taken) {
    @Nullable DeliveryResponse response = ending.response();
    return place(task, taken)
        + " outcome="
        + outcome(ending)
        + (response == null ? "" : " status=" + response.status());
  }

  private static String place(Task task, Duration taken) {
    return "job="
        + task.token().key()
        + " run="
        + task.runId()
        + " queue="
        + task.taskQueue().name()
        + " attempt="
        + task.token().attempt()
        + " took_ms="
        + taken.toMillis();
  }
}
