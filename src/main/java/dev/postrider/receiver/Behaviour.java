package dev.postrider.receiver;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the receiver is told to treat its next requests.
 *
 * @param when before or after the request is deduped and recorded
 * @param times how many requests it applies to, at least 1
 * @param delay how long to wait first
 * @param ending what then happens to the request
 */
record Behaviour(When when, int times, Duration delay, Ending ending) {

  /** Where in the course of a request the behaviour takes over. */
  enum When {
    BEFORE,
    AFTER
  }

  /** What becomes of the request when the delay is over. */
  sealed interface Ending {}

  /** It goes on as it would have without the behaviour: the receiver was only slow. */
  record GoOn() implements Ending {}

  /** It is never answered. */
  record Hang() implements Ending {}

  /** Its connection is closed without an answer. */
  record Close() implements Ending {}

  /**
   * It gets this answer.
   *
   * @param status HTTP status, 200 to 599
   * @param retryAfter value of the {@code Retry-After} header
   * @param body the answer's body, else the receiver's own
   */
  record Answer(int status, @Nullable String retryAfter, @Nullable Body body) implements Ending {}

  /** A scripted body and its media type. */
  record Body(String contentType, String text) {}
}
