package dev.postrider.api;

import dev.postrider.job.Job;
import dev.postrider.job.RunState;
import dev.postrider.store.JobEvent;
import java.io.IOException;

/** The form of events. */
final class EventJson {

  private EventJson() {}

  /**
   * Writes an event.
   *
   * @param job the run that it is about, as it was at some time: what never changes is taken from
   *     it
   */
  static void write(JsonOutput out, JobEvent event, Job job) throws IOException {
    RunState runState = event.runState();
    out.text("namespace", event.key().namespace());
    out.text("id", event.key().id());
    out.text("runId", event.runId().toString());
    out.text("type", job.type());
    out.text("taskQueue", job.taskQueue().name());
    out.text("status", event.status().wire());
    out.text("runState", runState == null ? null : runState.wire());
    out.number("attempt", event.attempt());
    out.instant("at", event.at());
    out.text("failureType", event.failureType());
    out.instant("nextAttemptAt", event.nextAttemptAt());
  }
}
