package dev.postrider.job;

/** How a job is tried: what a user may set at start and change later. */
public record JobOptions(Timeouts timeouts, RetryPolicy retryPolicy, Priority priority) {}
