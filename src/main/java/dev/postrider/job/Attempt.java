package dev.postrider.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One numbered try of a job.
 *
 * @param attempt from 1; starts again at 1 after a reset
 * @param worker who leased it; null when that is no longer known
 * @param scheduledAt when it was due
 * @param startedAt when it was leased
 * @param endedAt null while it runs
 * @param heartbeats how many were stored
 * @param nextAttemptAt when the next attempt was or is due
 */
public record Attempt(
    int attempt,
    @Nullable String worker,
    Instant scheduledAt,
    Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable AttemptOutcome outcome,
    @Nullable Failure failure,
    int heartbeats,
    @Nullable Instant nextAttemptAt,
    @Nullable DeliveryResponse response) {}
