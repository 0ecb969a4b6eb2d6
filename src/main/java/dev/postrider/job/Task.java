package dev.postrider.job;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One offer of one attempt to a worker: what a lease gives.
 *
 * @param deadlineAt when the attempt ends at the latest without a report
 * @param heartbeatDetails what the job's attempts stored last
 */
public record Task(
    TaskToken token,
    RunId runId,
    String type,
    TaskQueue taskQueue,
    @Nullable Buffer input,
    @Nullable Buffer heartbeatDetails,
    JobOptions options,
    Instant scheduledAt,
    Instant startedAt,
    Instant deadlineAt) {}
