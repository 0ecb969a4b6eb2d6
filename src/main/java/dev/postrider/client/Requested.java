package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What has been asked of a running attempt.
 *
 * @param cancel the job is to end; no further attempt will follow
 * @param pause no further attempt will follow until the job is unpaused
 * @param reset after this attempt, unless it succeeds, the job starts over at attempt 1
 */
public record Requested(boolean cancel, boolean pause, boolean reset) {
  static final Requested NOTHING = new Requested(false, false, false);

  static Requested of(JsonNode node) {
    return new Requested(
        node.path("cancelRequested").asBoolean(),
        node.path("pauseRequested").asBoolean(),
        node.path("resetRequested").asBoolean());
  }
}
