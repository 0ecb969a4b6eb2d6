package dev.postrider.store;

import dev.postrider.job.Job;

/**
 * A run and the moment of its partition's event log at which it is so.
 *
 * @param position every event after it happened after {@code job} was read
 */
public record Described(Job job, EventPosition position) {}
