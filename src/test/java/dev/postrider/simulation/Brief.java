package dev.postrider.simulation;

import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.TaskToken;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.RerunResult;
import dev.postrider.store.StartResult;
import dev.postrider.store.Waits;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Says calls and answers in a line that a reader of a trace can take in. */
final class Brief {
  private static final int LONGEST = 200;

  private Brief() {}

  static String of(StartRequest request) {
    StringBuilder text = new StringBuilder();
    Priority priority = request.options().priority();
    text.append(request.key()).append(" on ").append(request.taskQueue());
    text.append(" p").append(priority.priorityKey());
    text.append(" \"").append(priority.fairnessKey()).append('"');
    if (priority.fairnessWeight() != 1) {
      text.append(" x").append(priority.fairnessWeight());
    }
    if (!request.destination().isEmpty()) {
      text.append(" to ").append(request.destination());
    }
    text.append(' ').append(request.options().timeouts());
    JobOptions options = request.options();
    if (!options.retryPolicy().equals(RetryPolicy.DEFAULT)) {
      text.append(' ').append(options.retryPolicy());
    }
    if (!request.policies().equals(StartPolicies.DEFAULT)) {
      text.append(' ').append(request.policies());
    }
    if (!(request.startTime() instanceof StartTime.Now)) {
      text.append(' ').append(request.startTime());
    }
    if (request.paused()) {
      text.append(" paused");
    }
    if (request.requestId() != null) {
      text.append(' ').append(request.requestId());
    }
    return text.toString().replaceAll("\\w+=null(, )?", "");
  }

  static String of(LeaseRequest request) {
    return request.maxTasks()
        + " of "
        + request.queue()
        + " for "
        + request.worker()
        + (request.maxTasksPerSecond() == null ? "" : " at " + request.maxTasksPerSecond() + "/s");
  }

  static String of(QueueControl control) {
    return control.queue()
        + (control.requestId() == null ? "" : " " + control.requestId())
        + (control.reason() == null ? "" : " " + control.reason());
  }

  static String of(LimitsChange change) {
    return change
        .toString()
        .replaceAll("\\w+=(null|Entries\\[clear=false, settings=\\{}])(, )?", "")
        .replaceAll("Entries|Setting|value=|clear=false, |settings=", "");
  }

  static String of(@Nullable Buffer value) {
    String text = String.valueOf(value);
    return text.length() > 20 ? text.substring(0, 20) + "…" : text;
  }

  static String of(TaskToken token) {
    return token.key() + " #" + token.attempt() + " " + Long.toHexString(token.nonce());
  }

  static String ofAnswer(@Nullable Object answer) {
    if (answer instanceof StartResult.Started started) {
      return "Started " + started.job().runId();
    }
    if (answer instanceof StartResult.Existing existing) {
      return "Existing " + existing.job().runId();
    }
    if (answer instanceof RerunResult.Started started) {
      return "Started " + started.job().runId();
    }
    if (answer instanceof LeaseResult result) {
      return result.tasks().stream().map(task -> of(task.token())).toList()
          + (result.more() ? " and more" : "")
          + (result.notices().isEmpty() ? "" : " " + result.notices())
          + (result.waits().equals(Waits.NONE) ? "" : " waits " + result.waits());
    }
    String text = String.valueOf(answer);
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
  }
}
