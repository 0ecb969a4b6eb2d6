package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A run of a job as it was when it was asked for. */
public final class JobDescription {
  private final JsonNode job;
  private final Json json;

  JobDescription(JsonNode job, Json json) {
    this.job = job;
    this.json = json;
  }

  public String namespace() {
    return job.path("namespace").asText();
  }

  public String id() {
    return job.path("id").asText();
  }

  public String runId() {
    return job.path("runId").asText();
  }

  public String type() {
    return job.path("type").asText();
  }

  public String taskQueue() {
    return job.path("taskQueue").asText();
  }

  public JobStatus status() {
    return WireFormat.constant(job.path("status"), JobStatus.class).orElseThrow();
  }

  /** Where an open job is. */
  public Optional<RunState> runState() {
    return WireFormat.constant(job.path("runState"), RunState.class);
  }

  /** The attempt that runs, or ran last, or comes next; from 1. */
  public int attempt() {
    return job.path("attempt").asInt();
  }

  /**
   * Its input; empty if it has none, or {@code null}. Entries of lists come without.
   *
   * @throws PostriderException if it is not of that type
   */
  public <T> Optional<T> input(Class<T> type) {
    return value("input", type);
  }

  /**
   * What a completed job has returned; empty if nothing, or {@code null}.
   *
   * @throws PostriderException if it is not of that type
   */
  public <T> Optional<T> result(Class<T> type) {
    return value("result", type);
  }

  /**
   * The details of the last heartbeat that had any.
   *
   * @throws PostriderException if they are not of that type
   */
  public <T> Optional<T> heartbeatDetails(Class<T> type) {
    return value("heartbeatDetails", type);
  }

  /** Of the job; while it is open, of the last failed attempt. */
  public Optional<JobFailure> failure() {
    return Optional.ofNullable(JobFailure.of(job.path("failure")));
  }

  public Instant createdAt() {
    return WireFormat.instant(job.path("createdAt")).orElseThrow();
  }

  /** Only while the next dispatch lies in the future. */
  public Optional<Instant> nextAttemptAt() {
    return WireFormat.instant(job.path("nextAttemptAt"));
  }

  public Optional<Instant> lastHeartbeatAt() {
    return WireFormat.instant(job.path("lastHeartbeatAt"));
  }

  public Optional<Instant> closedAt() {
    return WireFormat.instant(job.path("closedAt"));
  }

  /** Who holds or held the latest lease. */
  public Optional<String> worker() {
    return WireFormat.text(job.path("worker"));
  }

  /** The last one given with a control. */
  public Optional<String> reason() {
    return WireFormat.text(job.path("reason"));
  }

  /** How many attempts ended without a report of their worker. */
  public int leaseLosses() {
    return job.path("leaseLosses").asInt();
  }

  /** Oldest first; in the middle some may be left out. Empty in entries of lists. */
  public List<AttemptDescription> attempts() {
    List<AttemptDescription> attempts = new ArrayList<>();
    job.path("attempts").forEach(node -> attempts.add(AttemptDescription.of(node)));
    return List.copyOf(attempts);
  }

  /** All of it, as the service answered: timeouts, retry policy, priority and the rest too. */
  public JsonNode json() {
    return job;
  }

  @Override
  public String toString() {
    return job.toString();
  }

  private <T> Optional<T> value(String name, Class<T> type) {
    return Optional.ofNullable(json.readOrRefuse(job.path(name), type));
  }
}
