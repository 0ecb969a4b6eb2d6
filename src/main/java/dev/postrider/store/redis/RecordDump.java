package dev.postrider.store.redis;

import dev.postrider.job.JobContent;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.RunId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows a packed record to people, field by field under the names of {@code lua/lib/record.lua}.
 */
public final class RecordDump {
  private RecordDump() {}

  /** The record of a run as it lies in Redis; empty when there is none. */
  public static Future<Optional<String>> read(
      ScriptRunner runner, int partitions, JobKey key, @Nullable RunId runId) {
    Keys keys = new Keys(partitions);
    String name = Keys.name(key);
    int partition = keys.partitionOf(name);
    return runner
        .send(Request.cmd(Command.GET, keys.job(partition, name)))
        .compose(
            latest -> {
              if (runId == null
                  || (latest != null && new JobRecord(latest.toBuffer()).runId().equals(runId))) {
                return Future.succeededFuture(latest);
              }
              return runner.send(
                  Request.cmd(Command.GET, Buffer.buffer(keys.olderRun(partition, name, runId))));
            })
        .map(
            found ->
                found == null
                    ? Optional.<String>empty()
                    : Optional.of(render(keys.job(partition, name), found.toBuffer())));
  }

  private static String render(String key, Buffer bytes) {
    JobRecord record = new JobRecord(bytes);
    JobOptions options = record.options();
    JobContent content = record.content(null);
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("key", key);
    fields.put("bytes", bytes.length());
    fields.put("version", (char) bytes.getByte(0));
    fields.put("fence", hex(record.fence()));
    fields.put("state", record.state() + " (" + JobRecord.status(record.state()).wire() + ")");
    fields.put("nonce", hex(record.nonce()));
    fields.put("started_at", record.startedAt());
    fields.put("heartbeat_at", record.heartbeatAt());
    fields.put("worker", record.workerNumber());
    fields.put("heartbeats", record.heartbeats());
    fields.put("ender", record.ender());
    fields.put("attempt", record.attempt());
    fields.put("dispatch_at", record.dispatchAt());
    fields.put("closed_at", record.closedAt());
    fields.put("outcome", record.isOutcomeApart() ? "in o:" : record.inlineOutcome());
    fields.put("lease_losses", record.leaseLosses());
    fields.put("retry_state", record.retryState());
    fields.put("run_id", record.runId());
    fields.put("created_at", record.createdAt());
    fields.put("first_dispatch_at", record.firstDispatchAt());
    fields.put("expires_at", record.expiresAt());
    fields.put("timeouts", options.timeouts());
    fields.put("priority", options.priority());
    fields.put("destination", record.destination);
    fields.put("queue", record.taskQueue);
    fields.put("type", record.type);
    fields.put("retry_policy", options.retryPolicy());
    fields.put("request_id", record.requestId);
    fields.put("rerun_of", record.rerunOf);
    fields.put("summary", content.summary());
    fields.put("input", record.has(JobRecord.INPUT_APART) ? "in i:" : content.input());
    StringBuilder text = new StringBuilder();
    fields.forEach(
        (name, value) ->
            text.append(String.format("%-18s %s%n", name, value == null ? "-" : value)));
    return text.toString();
  }

  private static String hex(long bits) {
    return HexFormat.of().toHexDigits(bits);
  }
}
