package dev.postrider.job;

import org.jspecify.annotations.Nullable;

/**
 * Where a run is in its life.
 *
 * @param runState null when closed
 * @param waitingFor null unless scheduled
 * @param attempt from 1: the one that runs, or ran last, or comes next
 * @param leaseLosses attempts that ended by a start-to-close or heartbeat timeout
 * @param worker who holds or held the latest lease; null before the first
 * @param reason the last one given with a control
 */
public record JobState(
    JobStatus status,
    @Nullable RunState runState,
    @Nullable WaitingFor waitingFor,
    int attempt,
    int leaseLosses,
    @Nullable String worker,
    @Nullable String reason) {}
