package dev.postrider.store;

import dev.postrider.job.TaskQueue;

/**
 * A task queue in brief.
 *
 * @param backlog what waits for its turn
 * @param inFlight how many of its tasks are leased
 */
public record QueueSummary(TaskQueue queue, boolean paused, long backlog, long inFlight) {}
