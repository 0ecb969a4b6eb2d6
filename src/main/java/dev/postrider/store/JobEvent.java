package dev.postrider.store;

import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A fact about one run. Without payloads: type and queue are read from the job when somebody asks.
 *
 * @param position the place just after it
 * @param failureType of {@code job.retrying}, and of {@code job.paused} where an attempt failed
 * @param nextAttemptAt with it; also when an unpaused or reset job is due
 */
public record JobEvent(
    EventPosition position,
    Name name,
    JobKey key,
    RunId runId,
    JobStatus status,
    @Nullable RunState runState,
    int attempt,
    Instant at,
    @Nullable String failureType,
    @Nullable Instant nextAttemptAt) {

  /** What happened. */
  public enum Name {
    STARTED("job.started"),
    LEASED("job.leased"),
    HEARTBEAT("job.heartbeat"),
    RETRYING("job.retrying"),
    HANDED_BACK("job.handed_back"),
    PAUSE_REQUESTED("job.pause_requested"),
    PAUSED("job.paused"),
    UNPAUSED("job.unpaused"),
    RESET("job.reset"),
    RETRY_NOW("job.retry_now"),
    OPTIONS_UPDATED("job.options_updated"),
    CANCEL_REQUESTED("job.cancel_requested"),
    COMPLETED("job.completed"),
    FAILED("job.failed"),
    CANCELED("job.canceled"),
    TERMINATED("job.terminated"),
    TIMED_OUT("job.timed_out"),
    DELETED("job.deleted");

    private final String wire;

    Name(String wire) {
      this.wire = wire;
    }

    /** The name of the event in a stream: {@code job.timed_out}. */
    public String wire() {
      return wire;
    }

    /** After it nothing more happens to the run but its deletion. */
    public boolean closes() {
      return switch (this) {
        case COMPLETED, FAILED, CANCELED, TERMINATED, TIMED_OUT, DELETED -> true;
        default -> false;
      };
    }
  }
}
