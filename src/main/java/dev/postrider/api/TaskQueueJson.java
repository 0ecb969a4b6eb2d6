package dev.postrider.api;

import dev.postrider.dispatch.QueuePage;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueDescription.Backlog;
import dev.postrider.store.QueueDescription.Changed;
import dev.postrider.store.QueueSummary;
import java.io.IOException;
import java.util.List;

/** The form of task queues. */
final class TaskQueueJson {

  /** With more than one partition, a rate on the whole queue alone holds over all of them. */
  private static final List<String> DIVIDED =
      List.of(
          "fairnessKeyRateLimit",
          "fairnessKeyRateLimits",
          "destinationRateLimits",
          "maxInFlight",
          "maxInFlightPerFairnessKey",
          "maxInFlightPerDestination");

  private TaskQueueJson() {}

  /** A page of a list. */
  static void write(JsonOutput out, QueuePage page) throws IOException {
    out.array(
        "taskQueues",
        list -> {
          for (QueueSummary queue : page.queues()) {
            list.element(entry -> write(entry, queue));
          }
        });
    out.text("nextPageToken", page.nextPageToken());
  }

  private static void write(JsonOutput out, QueueSummary queue) throws IOException {
    out.text("namespace", queue.queue().namespace());
    out.text("taskQueue", queue.queue().name());
    out.bool("paused", queue.paused());
    out.object("backlog", backlog -> backlog.number("count", queue.backlog()));
    out.number("inFlight", queue.inFlight());
  }

  /** All of a task queue. */
  static void write(JsonOutput out, QueueDescription queue) throws IOException {
    out.text("namespace", queue.queue().namespace());
    out.text("taskQueue", queue.queue().name());
    Changed paused = queue.paused();
    out.bool("paused", paused != null);
    if (paused != null) {
      out.instant("pausedAt", paused.at());
      out.text("pausedReason", paused.reason());
    }
    out.object("backlog", fields -> writeBacklog(fields, queue));
    out.number("inFlight", queue.inFlight());
    out.object(
        "rates",
        rates -> {
          rates.decimal("addedPerSecond", rounded(queue.addedPerSecond()));
          rates.decimal("leasedPerSecond", rounded(queue.leasedPerSecond()));
        });
    writePollers(out, queue);
    out.object(
        "limits",
        fields ->
            LimitsJson.write(fields, queue.limits(), queue.configuredMaxInFlightPerDestination()));
    Changed changed = queue.changed();
    if (changed != null) {
      out.instant("changedAt", changed.at());
      out.text("reason", changed.reason());
    }
    if (queue.partitions() > 1) {
      out.number("partitions", queue.partitions());
      out.array(
          "dividedLimits",
          list -> {
            for (String name : DIVIDED) {
              list.element(name);
            }
          });
    }
  }

  private static void writeBacklog(JsonOutput out, QueueDescription queue) throws IOException {
    write(out, queue.backlog());
    out.array(
        "priorities",
        list -> {
          for (QueueDescription.OfPriority priority : queue.priorities()) {
            list.element(
                fields -> {
                  fields.number("priorityKey", priority.priorityKey());
                  write(fields, priority.backlog());
                });
          }
        });
    out.array(
        "fairnessKeys",
        list -> {
          for (QueueDescription.OfFairnessKey key : queue.fairnessKeys()) {
            list.element(
                fields -> {
                  fields.text("fairnessKey", key.fairnessKey());
                  fields.decimal("weight", key.weight());
                  write(fields, key.backlog());
                });
          }
        });
    out.number("fairnessKeysWaiting", queue.fairnessKeysWaiting());
  }

  private static void write(JsonOutput out, Backlog backlog) throws IOException {
    out.number("count", backlog.count());
    out.duration("age", backlog.age());
  }

  private static void writePollers(JsonOutput out, QueueDescription queue) throws IOException {
    out.array(
        "pollers",
        list -> {
          for (QueueDescription.Poller poller : queue.pollers()) {
            list.element(
                fields -> {
                  fields.text("worker", poller.worker());
                  fields.instant("lastPollAt", poller.lastPollAt());
                });
          }
        });
    out.number("pollersSeen", queue.pollersSeen());
  }

  /** An average is not known any better. */
  private static double rounded(double perSecond) {
    return Math.round(perSecond * 1000) / 1000.0;
  }
}
