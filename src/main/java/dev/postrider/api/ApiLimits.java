package dev.postrider.api;

import dev.postrider.config.HttpConfig;
import dev.postrider.config.LimitsConfig;
import java.time.Duration;

/**
 * The bounds of the API.
 *
 * @param maxInputBytes longest input of a job, exact source bytes
 * @param maxBodyBytes longest body of a call for one job
 * @param maxBatchBodyBytes longest body of a batch of starts
 * @param maxBatchJobs most starts in a batch
 * @param maxSummaryBytes longest summary, UTF-8
 * @param maxDetailsBytes longest details, UTF-8
 * @param maxSearchAttributesBytes longest search attributes, exact source bytes
 * @param maxReasonBytes longest reason of a control, UTF-8
 * @param maxPageSize most entries on a page of a list
 * @param maxQueueEntries most entries of a map of limits that one call may change
 * @param maxWait longest time that a call may ask to wait
 * @param maxTasks most tasks that one poll may ask for
 * @param maxPollQueues most queues that one poll may ask
 * @param maxRequestLineBytes longest request line
 * @param maxHeaderBytes longest header fields, all together
 */
public record ApiLimits(
    int maxInputBytes,
    int maxBodyBytes,
    int maxBatchBodyBytes,
    int maxBatchJobs,
    int maxSummaryBytes,
    int maxDetailsBytes,
    int maxSearchAttributesBytes,
    int maxReasonBytes,
    int maxPageSize,
    int maxQueueEntries,
    Duration maxWait,
    int maxTasks,
    int maxPollQueues,
    int maxRequestLineBytes,
    int maxHeaderBytes) {

  /** Longer waits are asked for again: what lies between may end a silent connection. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(60);

  /** As many as a batch starts by default. */
  private static final int MAX_TASKS = 1000;

  /** An id of 1000 bytes has 3000 when each is percent-encoded; a query is to fit beside it. */
  private static final int REQUEST_LINE_BYTES = 16 << 10;

  private static final int HEADER_BYTES = 16 << 10;
  private static final int SEARCH_ATTRIBUTES_BYTES = 16 << 10;
  private static final int REASON_BYTES = 1000;

  public static final ApiLimits DEFAULT = of(HttpConfig.DEFAULT, LimitsConfig.DEFAULT);

  /** The bounds that the configuration sets, and those that are part of the contract. */
  public static ApiLimits of(HttpConfig http, LimitsConfig limits) {
    return new ApiLimits(
        limits.maxInputBytes(),
        http.maxBodyBytes(),
        http.maxBatchBodyBytes(),
        limits.maxBatchJobs(),
        limits.maxSummaryBytes(),
        limits.maxDetailsBytes(),
        SEARCH_ATTRIBUTES_BYTES,
        REASON_BYTES,
        limits.maxPageSize(),
        limits.maxQueueEntries(),
        MAX_WAIT,
        MAX_TASKS,
        limits.maxPollQueues(),
        REQUEST_LINE_BYTES,
        HEADER_BYTES);
  }
}
