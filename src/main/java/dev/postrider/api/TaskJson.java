package dev.postrider.api;

import dev.postrider.api.json.JsonText;
import dev.postrider.api.json.JsonValue;
import dev.postrider.api.json.MalformedJsonException;
import dev.postrider.job.JobKey;
import dev.postrider.job.Notice;
import dev.postrider.job.Requested;
import dev.postrider.job.Task;
import dev.postrider.job.WebhookInput;
import dev.postrider.store.LeaseResult;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The form of tasks and of what their workers are told. */
final class TaskJson {

  /** What a task has beside what may be long. */
  private static final int BYTES_PER_TASK = 1000;

  private TaskJson() {}

  /** What a poll found, as members of its answer. */
  static void write(JsonOutput out, LeaseResult found) throws IOException {
    out.array(
        "tasks",
        list -> {
          for (Task task : found.tasks()) {
            list.element(fields -> write(fields, task));
          }
        });
    out.array(
        "notices",
        list -> {
          for (Notice notice : found.notices()) {
            list.element(
                fields -> {
                  fields.text("token", notice.token().encode());
                  write(fields, notice.requested());
                });
          }
        });
  }

  /** How long that is, roughly. */
  static long length(LeaseResult found) {
    long bytes = 0;
    for (Task task : found.tasks()) {
      bytes += BYTES_PER_TASK + length(task.input()) + length(task.heartbeatDetails());
    }
    return bytes;
  }

  static void write(JsonOutput out, Requested requested) throws IOException {
    out.bool("cancelRequested", requested.cancel());
    out.bool("pauseRequested", requested.pause());
    out.bool("resetRequested", requested.reset());
  }

  private static void write(JsonOutput out, Task task) throws IOException {
    JobKey key = task.token().key();
    out.text("token", task.token().encode());
    out.text("jobId", key.id());
    out.text("runId", task.runId().toString());
    out.text("namespace", key.namespace());
    out.text("type", task.type());
    out.text("taskQueue", task.taskQueue().name());
    out.number("attempt", task.token().attempt());
    out.text("idempotencyKey", idempotencyKey(task));
    out.raw("input", task.input());
    out.raw("heartbeatDetails", task.heartbeatDetails());
    out.object("priority", fields -> JobJson.write(fields, task.options().priority()));
    out.instant("scheduledAt", task.scheduledAt());
    out.instant("startedAt", task.startedAt());
    out.instant("deadlineAt", task.deadlineAt().equals(Instant.MAX) ? null : task.deadlineAt());
    out.duration("heartbeatTimeout", task.options().timeouts().heartbeat());
  }

  /** The same for every attempt and run of a job; a delivery's is what its receiver is sent. */
  private static String idempotencyKey(Task task) {
    Buffer input = task.input();
    String eventId = task.type().equals(WebhookInput.TYPE) && input != null ? eventId(input) : null;
    JobKey key = task.token().key();
    return eventId == null ? "job:" + key.namespace() + "/" + key.id() : "webhook:" + eventId;
  }

  private static @Nullable String eventId(Buffer input) {
    try {
      JsonValue value = JsonText.parse(input.getBytes());
      JsonValue eventId =
          value.kind() == JsonValue.Kind.OBJECT ? value.members().get("eventId") : null;
      return eventId != null && eventId.kind() == JsonValue.Kind.STRING ? eventId.string() : null;
    } catch (MalformedJsonException e) {
      return null;
    }
  }

  private static int length(@Nullable Buffer value) {
    return value == null ? 0 : value.length();
  }
}
