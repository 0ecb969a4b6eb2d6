package dev.postrider.store;

import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a move left a run.
 *
 * @param runState null when closed
 * @param nextAttemptAt while the next dispatch lies in the future
 */
public record RunSummary(
    JobKey key,
    RunId runId,
    JobStatus status,
    @Nullable RunState runState,
    @Nullable Instant nextAttemptAt) {}
