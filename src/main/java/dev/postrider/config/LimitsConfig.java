package dev.postrider.config;

/**
 * The bounds that keep one caller from taking what belongs to all.
 *
 * @param maxInputBytes the longest input of a job, in bytes of JSON
 * @param maxResultBytes the longest result of a job, in bytes of JSON
 * @param maxHeartbeatDetailsBytes the longest details of a heartbeat, in bytes of JSON
 * @param maxFailureBytes the longest failure that is kept as it is, in bytes of its texts and
 *     details, with its causes; a longer one is cut
 * @param maxPollBytes what the inputs and heartbeat details of the tasks of one poll have together
 *     at most; the first task is given however long it is
 * @param maxPollQueues how many queues one poll may ask
 * @param maxBatchJobs how many jobs one batch may start
 * @param maxParkedPolls how many polls may wait for work on this node
 * @param maxResultWaiters how many requests may wait for a job's end on this node
 * @param maxStreams how many event streams this node serves
 * @param maxPageSize how many jobs one page of a list may have
 * @param maxListScan how many jobs are looked at for one page of a list; it may be short then
 * @param maxQueueEntries how many fairness keys or destinations a task queue may have a rate or a
 *     weight set for, of each kind
 * @param maxAttemptsKept how many attempts of a job are kept, the first ones and the last ones
 * @param maxSummaryBytes the longest summary of a job, in bytes of UTF-8
 * @param maxDetailsBytes the longest details of a job, in bytes of UTF-8
 */
public record LimitsConfig(
    int maxInputBytes,
    int maxResultBytes,
    int maxHeartbeatDetailsBytes,
    int maxFailureBytes,
    int maxPollBytes,
    int maxPollQueues,
    int maxBatchJobs,
    int maxParkedPolls,
    int maxResultWaiters,
    int maxStreams,
    int maxPageSize,
    int maxListScan,
    int maxQueueEntries,
    int maxAttemptsKept,
    int maxSummaryBytes,
    int maxDetailsBytes) {

  /** Larger things belong into a store of files; a job carries their address. */
  public static final int DEFAULT_MAX_INPUT_BYTES = (int) Rules.MIB;

  /** The same as for inputs: what one job returns, the next may take. */
  public static final int DEFAULT_MAX_RESULT_BYTES = (int) Rules.MIB;

  /** It is written again with every heartbeat, so it is a place in the work, not the work. */
  public static final int DEFAULT_MAX_HEARTBEAT_DETAILS_BYTES = 256 * 1024;

  /** A stack trace; each of the attempts that are kept has one. */
  public static final int DEFAULT_MAX_FAILURE_BYTES = 16 * 1024;

  /** A second of a fast network, and what many polls at once may hold of a node's memory. */
  public static final int DEFAULT_MAX_POLL_BYTES = 16 * (int) Rules.MIB;

  /** Each of them may be one more call to the store before the poll waits. */
  public static final int DEFAULT_MAX_POLL_QUEUES = 100;

  /** Beyond a thousand, one call costs per job what two cost. */
  public static final int DEFAULT_MAX_BATCH_JOBS = 1_000;

  /** About 20 MB of a node's memory. */
  public static final int DEFAULT_MAX_PARKED_POLLS = 10_000;

  /** As many as polls: the two wait alike. */
  public static final int DEFAULT_MAX_RESULT_WAITERS = 10_000;

  /** A stream costs for every event, a waiter once. */
  public static final int DEFAULT_MAX_STREAMS = 1_000;

  /** A page is one script, which must stay short. */
  public static final int DEFAULT_MAX_PAGE_SIZE = 1_000;

  /** About a tenth of a second of reading. */
  public static final int DEFAULT_MAX_LIST_SCAN = 10_000;

  /** All of them are read to describe the queue, and one call may set as many. */
  public static final int DEFAULT_MAX_QUEUE_ENTRIES = 1_000;

  /** The first ones say how it began and the last ones how it stands. */
  public static final int DEFAULT_MAX_ATTEMPTS_KEPT = 20;

  /** A line of text in a list. */
  public static final int DEFAULT_MAX_SUMMARY_BYTES = 400;

  /** A page of text beside a job. */
  public static final int DEFAULT_MAX_DETAILS_BYTES = 20_000;

  public static final LimitsConfig DEFAULT =
      new LimitsConfig(
          DEFAULT_MAX_INPUT_BYTES,
          DEFAULT_MAX_RESULT_BYTES,
          DEFAULT_MAX_HEARTBEAT_DETAILS_BYTES,
          DEFAULT_MAX_FAILURE_BYTES,
          DEFAULT_MAX_POLL_BYTES,
          DEFAULT_MAX_POLL_QUEUES,
          DEFAULT_MAX_BATCH_JOBS,
          DEFAULT_MAX_PARKED_POLLS,
          DEFAULT_MAX_RESULT_WAITERS,
          DEFAULT_MAX_STREAMS,
          DEFAULT_MAX_PAGE_SIZE,
          DEFAULT_MAX_LIST_SCAN,
          DEFAULT_MAX_QUEUE_ENTRIES,
          DEFAULT_MAX_ATTEMPTS_KEPT,
          DEFAULT_MAX_SUMMARY_BYTES,
          DEFAULT_MAX_DETAILS_BYTES);

  private static final int MOST_WAITING = 1_000_000;

  public LimitsConfig {
    Rules.inRange("limits.maxInputBytes", maxInputBytes, 1, 16 * Rules.MIB);
    Rules.inRange("limits.maxResultBytes", maxResultBytes, 1, 16 * Rules.MIB);
    Rules.inRange("limits.maxHeartbeatDetailsBytes", maxHeartbeatDetailsBytes, 1, 16 * Rules.MIB);
    Rules.inRange("limits.maxFailureBytes", maxFailureBytes, 2048, Rules.MIB);
    Rules.inRange("limits.maxPollBytes", maxPollBytes, 1, 256 * Rules.MIB);
    Rules.inRange("limits.maxPollQueues", maxPollQueues, 1, 1_000);
    Rules.inRange("limits.maxBatchJobs", maxBatchJobs, 1, 10_000);
    Rules.inRange("limits.maxParkedPolls", maxParkedPolls, 0, MOST_WAITING);
    Rules.inRange("limits.maxResultWaiters", maxResultWaiters, 0, MOST_WAITING);
    Rules.inRange("limits.maxStreams", maxStreams, 0, MOST_WAITING);
    Rules.inRange("limits.maxPageSize", maxPageSize, 1, 10_000);
    Rules.inRange("limits.maxListScan", maxListScan, 1, 1_000_000);
    Rules.inRange("limits.maxQueueEntries", maxQueueEntries, 1, 10_000);
    Rules.inRange("limits.maxAttemptsKept", maxAttemptsKept, 2, 1_000);
    Rules.inRange("limits.maxSummaryBytes", maxSummaryBytes, 0, Rules.MIB);
    Rules.inRange("limits.maxDetailsBytes", maxDetailsBytes, 0, Rules.MIB);
  }
}
