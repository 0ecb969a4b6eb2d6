package dev.postrider.store;

import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import org.jspecify.annotations.Nullable;

/**
 * What every control of a job carries.
 *
 * @param runId the run meant; null = the latest
 * @param reason kept with the run as its last
 * @param requestId at most 1000 bytes; the last one per kind and run is kept, and its repetition
 *     changes nothing
 */
public record Control(
    JobKey key, @Nullable RunId runId, @Nullable String reason, @Nullable String requestId) {}
