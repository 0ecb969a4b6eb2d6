package dev.postrider.job;

import java.time.Duration;

/**
 * What can be changed about a job after its start.
 *
 * @param startDelay from the start of the job to its first dispatch; zero = at once
 */
public record AdjustableOptions(JobOptions options, TaskQueue queue, Duration startDelay) {}
