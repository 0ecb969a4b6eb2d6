package dev.postrider.store;

import dev.postrider.job.TaskQueue;

/** Who holds or held a lease: for which queue's tasks to ask when it wants more. */
public record Leaseholder(TaskQueue queue, String worker) {}
