package dev.postrider.store;

import java.time.Duration;

/**
 * How a job starts over.
 *
 * @param keepPaused a paused job stays paused
 * @param resetHeartbeat the stored heartbeat details are dropped
 * @param jitter a random part of it passes before the dispatch of a job of which no attempt runs;
 *     zero = none
 * @param restoreOriginalOptions what was changed since the start is as it was then
 */
public record ResetOptions(
    boolean keepPaused, boolean resetHeartbeat, Duration jitter, boolean restoreOriginalOptions) {}
