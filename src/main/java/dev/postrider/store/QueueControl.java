package dev.postrider.store;

import dev.postrider.job.TaskQueue;
import org.jspecify.annotations.Nullable;

/**
 * What every control of a task queue takes.
 *
 * @param reason at most 1000 bytes of text; null = the last one stays
 * @param requestId of the caller: repeating the latest one of the same kind changes nothing; null =
 *     none
 */
public record QueueControl(TaskQueue queue, @Nullable String reason, @Nullable String requestId) {}
