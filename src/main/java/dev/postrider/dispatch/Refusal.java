package dev.postrider.dispatch;

/** Why a call is refused, beside what the store answers. */
public enum Refusal {
  /** As many polls are parked on this node as {@code limits.maxParkedPolls} allows. */
  TOO_MANY_POLLS,
  /** As many calls wait for a job to close as {@code limits.maxWaiters} allows. */
  OVERLOADED,
  /**
   * The result is longer than {@code limits.maxResultBytes}, or the details than {@code
   * limits.maxHeartbeatDetailsBytes}; the attempt was ended.
   */
  RESULT_TOO_LARGE,
  /** No list has answered with this page token. */
  INVALID_PAGE_TOKEN
}
