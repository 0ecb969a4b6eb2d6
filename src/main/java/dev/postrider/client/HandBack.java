package dev.postrider.client;

/**
 * Thrown by a handler to give its task back: it costs no attempt, and the task goes to the head of
 * its queue. What a handler does that is asked to pause, or whose worker stops, at a place from
 * which another one can go on: under a requested pause the job is paused, under a requested reset
 * it starts over, under a requested cancellation it is canceled.
 */
public final class HandBack extends RuntimeException {
  public HandBack() {
    super("the task is handed back", null, false, false);
  }
}
