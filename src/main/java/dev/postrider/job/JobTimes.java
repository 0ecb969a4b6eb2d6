package dev.postrider.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run's moments, by Redis's clock, in milliseconds.
 *
 * @param firstDispatchAt creation plus start delay
 * @param nextAttemptAt only while the next dispatch lies in the future
 * @param expiresAt when schedule-to-close ends it
 */
public record JobTimes(
    Instant createdAt,
    Instant firstDispatchAt,
    @Nullable Instant nextAttemptAt,
    @Nullable Instant lastHeartbeatAt,
    @Nullable Instant expiresAt,
    @Nullable Instant closedAt) {}
