package dev.postrider.api;

import java.time.Duration;

/**
 * The bounds of the API.
 *
 * @param maxPayloadBytes longest input of a job, exact source bytes
 * @param maxBodyBytes longest body of a call for one job
 * @param maxBatchBodyBytes longest body of a batch of starts
 * @param maxBatchJobs most starts in a batch
 * @param maxSummaryBytes longest summary, UTF-8
 * @param maxDetailsBytes longest details, UTF-8
 * @param maxSearchAttributesBytes longest search attributes, exact source bytes
 * @param maxReasonBytes longest reason of a control, UTF-8
 * @param maxPageSize most entries on a page of a list
 * @param maxWait longest time that a call may ask to wait
 * @param maxRequestLineBytes longest request line
 * @param maxHeaderBytes longest header fields, all together
 */
public record ApiLimits(
    int maxPayloadBytes,
    int maxBodyBytes,
    int maxBatchBodyBytes,
    int maxBatchJobs,
    int maxSummaryBytes,
    int maxDetailsBytes,
    int maxSearchAttributesBytes,
    int maxReasonBytes,
    int maxPageSize,
    Duration maxWait,
    int maxRequestLineBytes,
    int maxHeaderBytes) {

  public static final ApiLimits DEFAULT =
      new ApiLimits(
          1 << 20,
          2 << 20,
          16 << 20,
          1000,
          400,
          20_000,
          16 << 10,
          1000,
          1000,
          Duration.ofSeconds(60),
          16 << 10,
          16 << 10);
}
