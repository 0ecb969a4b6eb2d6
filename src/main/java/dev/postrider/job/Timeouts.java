package dev.postrider.job;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Temporal's four timeouts, named by the two moments they lie between; null = none. Values are
 * whole milliseconds, at least 1 ms. They are normalised before they get here: with a
 * schedule-to-close, the schedule-to-start and start-to-close are at most that, and the heartbeat
 * at most the start-to-close.
 *
 * @param scheduleToClose from the first dispatch time to the end of the job, over all attempts
 * @param scheduleToStart from an attempt's dispatch time to its lease; never retried
 * @param startToClose from an attempt's lease to its end
 * @param heartbeat from a lease or heartbeat to the next heartbeat
 */
public record Timeouts(
    @Nullable Duration scheduleToClose,
    @Nullable Duration scheduleToStart,
    @Nullable Duration startToClose,
    @Nullable Duration heartbeat) {}
