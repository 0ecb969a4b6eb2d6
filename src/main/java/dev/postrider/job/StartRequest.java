package dev.postrider.job;

import org.jspecify.annotations.Nullable;

/**
 * A start, checked and with every default filled in.
 *
 * @param destination whose in-flight cap counts for it: {@code scheme://host:port} of a webhook,
 *     else empty
 * @param paused accepted but not dispatched until unpaused
 * @param requestId at most 1000 bytes; a repeated one answers with the run it started
 */
public record StartRequest(
    JobKey key,
    String type,
    String taskQueue,
    String destination,
    JobOptions options,
    JobContent content,
    StartPolicies policies,
    StartTime startTime,
    boolean paused,
    @Nullable String requestId) {
  public TaskQueue queue() {
    return new TaskQueue(key.namespace(), taskQueue);
  }
}
