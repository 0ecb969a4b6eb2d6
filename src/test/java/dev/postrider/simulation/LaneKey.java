package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;

/** What names a lane: jobs of one lane are leased in the order in which they came. */
record LaneKey(
    int partition, TaskQueue queue, int priority, String fairnessKey, String destination) {}
