package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;

/**
 * One attempt at a job.
 *
 * @param attempt its number, from 1; what was handed back has that of the attempt after it
 * @param worker who made it; empty if that was not kept
 * @param startedAt when it was leased
 * @param endedAt empty while it runs
 * @param outcome empty while it runs
 * @param heartbeats how many there were
 * @param nextAttemptAt when the next one was due after this one
 */
public record AttemptDescription(
    int attempt,
    Optional<String> worker,
    Instant startedAt,
    Optional<Instant> endedAt,
    Optional<AttemptOutcome> outcome,
    Optional<JobFailure> failure,
    int heartbeats,
    Optional<Instant> nextAttemptAt) {

  static AttemptDescription of(JsonNode node) {
    return new AttemptDescription(
        node.path("attempt").asInt(),
        WireFormat.text(node.path("worker")),
        WireFormat.instant(node.path("startedAt")).orElseThrow(),
        WireFormat.instant(node.path("endedAt")),
        WireFormat.constant(node.path("outcome"), AttemptOutcome.class),
        Optional.ofNullable(JobFailure.of(node.path("failure"))),
        node.path("heartbeats").asInt(),
        WireFormat.instant(node.path("nextAttemptAt")));
  }
}
