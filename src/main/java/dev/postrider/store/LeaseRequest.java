package dev.postrider.store;

import dev.postrider.job.TaskQueue;

/**
 * A worker's call for tasks.
 *
 * @param maxTasks at least 1
 * @param worker who asks, at most 1000 bytes; a built-in one is kept as {@code postrider/<node>}
 * @param builtIn the asker is this node itself: its leases live as long as the node does, in place
 *     of a heartbeat
 */
public record LeaseRequest(TaskQueue queue, int maxTasks, String worker, boolean builtIn) {}
