package dev.postrider.event;

import dev.postrider.job.Job;
import dev.postrider.store.JobEvent;

/** What a job's stream sends. */
public sealed interface StreamFrame {
  /** Where a listener that has seen this frame reads on. */
  StreamId id();

  /** The run as it is at {@code id}; every event after that follows. */
  record Snapshot(StreamId id, Job job) implements StreamFrame {}

  /**
   * Something happened.
   *
   * @param job the run as it was at a snapshot before: its type and queue stand in no event
   */
  record Happened(StreamId id, JobEvent event, Job job) implements StreamFrame {}

  /** Events are gone that were not sent; a snapshot follows. */
  record Gap(StreamId id) implements StreamFrame {}

  /** Nothing more will happen: the last frame of a stream. */
  record End(StreamId id) implements StreamFrame {}

  /** The store cannot be read now: the last frame of a stream; the listener may come back. */
  record Broken(StreamId id, Throwable cause) implements StreamFrame {}
}
