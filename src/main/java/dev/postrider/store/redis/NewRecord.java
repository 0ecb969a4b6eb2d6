package dev.postrider.store.redis;

import dev.postrider.job.JobContent;
import dev.postrider.job.Priority;
import dev.postrider.job.RunId;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A start as {@code lua/job/start.lua} takes it: the parts of the record that do not depend on the
 * moment, and what differs from a plain start.
 *
 * @param blob fence, bytes 70–80 of the record, schedule-to-close, and the record from 103 on
 * @param options empty for a plain start
 */
record NewRecord(RunId runId, Buffer blob, Buffer options) {
  /** Inputs above this lie beside their record, so that leases need not carry them through Lua. */
  static final int INLINE_INPUT_BYTES = 1024;

  static NewRecord of(StartRequest request, RunId runId, long fence) {
    Buffer input = request.content().input();
    boolean apart = input != null && input.length() > INLINE_INPUT_BYTES;
    Timeouts timeouts = request.options().timeouts();
    Priority priority = request.options().priority();
    Buffer blob = Buffer.buffer(256 + (input == null || apart ? 0 : input.length()));
    blob.appendLong(fence);
    blob.appendByte((byte) '-');
    blob.appendByte(
        (byte) (input == null ? JobRecord.NO_INPUT : apart ? JobRecord.INPUT_APART : 0));
    blob.appendByte((byte) ('0' + priority.priorityKey()));
    blob.appendLong(runId.bits());
    Packed.ms(blob, timeouts.scheduleToClose());
    Packed.ms(blob, timeouts.scheduleToStart());
    Packed.ms(blob, timeouts.startToClose());
    Packed.ms(blob, timeouts.heartbeat());
    blob.appendInt(PackedPolicy.thousandths(priority.fairnessWeight()));
    byte[] fairnessKey = priority.fairnessKey().getBytes(StandardCharsets.UTF_8);
    blob.appendByte((byte) fairnessKey.length).appendBytes(fairnessKey);
    Packed.text(blob, request.destination());
    Packed.text(blob, request.taskQueue());
    Packed.text(blob, request.type());
    PackedPolicy.pack(blob, request.options().retryPolicy());
    Packed.text(blob, request.requestId() == null ? "" : request.requestId());
    blob.appendByte((byte) 0);
    Buffer meta = meta(request.content());
    blob.appendInt(meta.length()).appendBuffer(meta);
    if (input == null || apart) {
      blob.appendInt(0);
    } else {
      blob.appendInt(input.length()).appendBuffer(input);
    }
    return new NewRecord(runId, blob, options(request, apart ? input : null));
  }

  private static Buffer meta(JobContent content) {
    if (content.summary() == null
        && content.details() == null
        && content.searchAttributes() == null) {
      return Buffer.buffer();
    }
    Buffer into = Buffer.buffer();
    Packed.optional(into, content.summary());
    Packed.optional(into, content.details());
    return Packed.optional(into, content.searchAttributes());
  }

  private static Buffer options(StartRequest request, @Nullable Buffer inputApart) {
    StartPolicies policies = request.policies();
    if (policies.equals(StartPolicies.DEFAULT)
        && request.startTime() instanceof StartTime.Now
        && !request.paused()
        && inputApart == null) {
      return Buffer.buffer();
    }
    Buffer into = Buffer.buffer();
    into.appendByte(
        (byte)
            switch (policies.conflict()) {
              case FAIL -> 'f';
              case USE_EXISTING -> 'u';
              case TERMINATE_EXISTING -> 't';
            });
    into.appendByte(
        (byte)
            switch (policies.reuse()) {
              case ALLOW_DUPLICATE -> 'a';
              case ALLOW_DUPLICATE_FAILED_ONLY -> 'o';
              case REJECT_DUPLICATE -> 'r';
              case RETURN_EXISTING -> 'e';
            });
    into.appendByte((byte) (policies.rejectPayloadMismatch() ? 'r' : 'i'));
    into.appendByte((byte) (request.paused() ? '1' : '0'));
    StartTime when = request.startTime();
    if (when instanceof StartTime.After after) {
      Packed.ms(into.appendByte((byte) 'd'), after.delay());
    } else if (when instanceof StartTime.At at) {
      Packed.ms(into.appendByte((byte) 'a'), Math.max(0, at.instant().toEpochMilli()));
    } else {
      Packed.ms(into.appendByte((byte) 'n'), 0);
    }
    return inputApart == null ? into : into.appendBuffer(inputApart);
  }
}
