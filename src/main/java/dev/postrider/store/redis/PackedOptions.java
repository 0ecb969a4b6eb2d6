package dev.postrider.store.redis;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A job's options as {@code lua/lib/options.lua} reads them out of its record and writes them. */
final class PackedOptions {
  private PackedOptions() {}

  static Buffer pack(AdjustableOptions adjustable) {
    JobOptions options = adjustable.options();
    Timeouts timeouts = options.timeouts();
    Priority priority = options.priority();
    Buffer into = Buffer.buffer();
    into.appendByte((byte) ('0' + priority.priorityKey()));
    Packed.ms(into, adjustable.startDelay());
    Packed.ms(into, timeouts.scheduleToClose());
    Packed.ms(into, timeouts.scheduleToStart());
    Packed.ms(into, timeouts.startToClose());
    Packed.ms(into, timeouts.heartbeat());
    into.appendInt(PackedPolicy.thousandths(priority.fairnessWeight()));
    byte[] fairnessKey = priority.fairnessKey().getBytes(StandardCharsets.UTF_8);
    into.appendByte((byte) fairnessKey.length).appendBytes(fairnessKey);
    Packed.text(into, adjustable.queue().name());
    return PackedPolicy.pack(into, options.retryPolicy());
  }

  static AdjustableOptions unpack(String namespace, Buffer packed) {
    Unpacked from = new Unpacked(packed, 0);
    int priorityKey = from.letter() - '0';
    Duration startDelay = Duration.ofMillis(from.ms());
    Timeouts timeouts = new Timeouts(timeout(from), timeout(from), timeout(from), timeout(from));
    double weight = from.u4() / 1000.0;
    Priority priority = new Priority(priorityKey, from.text(from.u1()), weight);
    TaskQueue queue = new TaskQueue(namespace, from.text());
    return new AdjustableOptions(
        new JobOptions(timeouts, PackedPolicy.unpack(from), priority), queue, startDelay);
  }

  private static @Nullable Duration timeout(Unpacked from) {
    long ms = from.ms();
    return ms == 0 ? null : Duration.ofMillis(ms);
  }
}
