package dev.postrider.store;

import dev.postrider.job.JobKey;
import io.vertx.core.Future;
import java.util.List;

/** Reads the events that the moves wrote, in order, partition by partition. */
public interface EventLog {
  /** How many partitions there are; numbered from 0. */
  int partitions();

  /** Which partition keeps a job and its events. */
  int partitionOf(JobKey key);

  /** The end of a partition's log now. */
  Future<EventPosition> end(int partition);

  /**
   * The events after a position, in order.
   *
   * @param maxEntries entries of the log to read at most; each holds the events of one step
   */
  Future<Page> read(int partition, EventPosition after, int maxEntries);

  /**
   * A stretch of a log.
   *
   * @param next where to read on
   * @param gap events between the position asked for and the first kept one are gone
   */
  record Page(List<JobEvent> events, EventPosition next, boolean gap) {}
}
