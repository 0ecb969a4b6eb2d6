package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * One attempt at a job, as it was leased.
 *
 * @param idempotencyKey the same for every attempt of the job: what an effect elsewhere is to be
 *     made under, so that it happens once
 * @param attempt from 1
 * @param scheduledAt when it was due
 * @param startedAt when it was leased, by the service's clock
 * @param deadlineAt when it ends without a report or, with a heartbeat timeout, without a
 *     heartbeat, by the service's clock
 */
public record Task(
    String namespace,
    String jobId,
    String runId,
    String type,
    String taskQueue,
    int attempt,
    String idempotencyKey,
    Instant scheduledAt,
    Instant startedAt,
    Instant deadlineAt) {

  static Task of(JsonNode node) {
    return new Task(
        node.path("namespace").asText(),
        node.path("jobId").asText(),
        node.path("runId").asText(),
        node.path("type").asText(),
        node.path("taskQueue").asText(),
        node.path("attempt").asInt(),
        node.path("idempotencyKey").asText(),
        WireFormat.instant(node.path("scheduledAt")).orElseThrow(),
        WireFormat.instant(node.path("startedAt")).orElseThrow(),
        WireFormat.instant(node.path("deadlineAt")).orElseThrow());
  }
}
