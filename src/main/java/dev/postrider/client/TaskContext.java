package dev.postrider.client;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One attempt, as its handler sees it. May be used by any thread while the attempt lasts. */
public interface TaskContext {

  /** What was leased. */
  Task task();

  /** The number of this attempt, from 1. */
  default int attempt() {
    return task().attempt();
  }

  /**
   * The same for every attempt of the job: what an effect elsewhere is to be made under, so that it
   * happens once.
   */
  default String idempotencyKey() {
    return task().idempotencyKey();
  }

  /** {@link Task#deadlineAt}. */
  default Instant deadline() {
    return task().deadlineAt();
  }

  /** {@link #heartbeat(Object)} without details, which leaves those as they are. */
  default void heartbeat() {
    heartbeat(null);
  }

  /**
   * Tells that the attempt is alive and where it stands, and waits until that is stored: whatever
   * happens afterwards, the next attempt is given at least these details. While the service is away
   * it goes on trying.
   *
   * @param details any value that can be written as JSON; null = as before
   * @throws CanceledFailure if the cancellation of the job was requested
   * @throws LeaseLostException if the attempt is over; whatever it does from now on, does not count
   */
  void heartbeat(@Nullable Object details);

  /**
   * The same without waiting; later heartbeats and the attempt's report come after it.
   *
   * @return what is asked of the attempt; a requested cancellation is no failure here
   */
  CompletableFuture<Requested> heartbeatAsync(@Nullable Object details);

  /**
   * The latest details of this attempt's heartbeats, else those that the attempts before left.
   *
   * @throws PostriderException if they are not of that type
   */
  <T> Optional<T> heartbeatDetails(Class<T> type);

  /**
   * Whether the job is to end: known from the answer to a heartbeat, or, without one, a moment
   * after the request. A handler that stops for it throws {@link CanceledFailure}.
   */
  boolean isCancelRequested();

  /**
   * Whether the job is to be paused. The attempt may go on, and if it succeeds the job is
   * completed; a handler that wants to stop for it throws {@link HandBack}.
   */
  boolean isPauseRequested();

  /** Whether the job is to start over, unless this attempt succeeds. */
  boolean isResetRequested();

  /**
   * Whether the worker stops: there is its period of grace to end in. A handler that would take
   * longer throws {@link HandBack}.
   */
  boolean isStopping();

  /**
   * Leaves the end of the attempt to somebody else: what the handler returns is not reported. The
   * attempt's timeouts go on.
   *
   * @return the token, for {@link JobClient#task}
   */
  String completeLater();
}
