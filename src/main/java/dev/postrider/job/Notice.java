package dev.postrider.job;

/** Tells a worker that what is asked of one of its attempts has changed. */
public record Notice(TaskToken token, Requested requested) {}
