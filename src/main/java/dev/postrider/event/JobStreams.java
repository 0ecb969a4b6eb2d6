package dev.postrider.event;

import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.store.EventLog;
import dev.postrider.store.JobStore;
import io.vertx.core.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Opens streams of the events of single jobs; belongs to the event loop of its tail. */
public final class JobStreams {
  private final JobStore store;
  private final EventLog log;
  private final EventTail tail;
  private final Semaphore places;

  /**
   * @param places how many streams may be open, on all loops of the node together
   */
  public JobStreams(JobStore store, EventLog log, EventTail tail, Semaphore places) {
    this.store = store;
    this.log = log;
    this.tail = tail;
    this.places = places;
  }

  /**
   * Opens the stream of a run: the one that {@code lastSeen} is about, else {@code runId}, else the
   * latest.
   *
   * @param lastSeen the last frame that the listener saw; null = it saw none
   */
  public Future<Opening> open(JobKey key, @Nullable RunId runId, @Nullable StreamId lastSeen) {
    StreamId resumed =
        lastSeen != null && (runId == null || runId.equals(lastSeen.runId())) ? lastSeen : null;
    if (resumed != null && resumed.last()) {
      return Future.succeededFuture(new NothingMore());
    }
    if (!places.tryAcquire()) {
      return Future.succeededFuture(new TooMany());
    }
    return store
        .describe(key, resumed == null ? runId : resumed.runId())
        .<Opening>map(
            found -> {
              if (found.isEmpty()) {
                places.release();
                return new NotFound();
              }
              RunId run = found.get().job().runId();
              return new Streaming(
                  new JobStream(
                      () -> store.describe(key, run),
                      log,
                      tail,
                      found.get(),
                      resumed,
                      places::release));
            })
        .onFailure(cause -> places.release());
  }

  /** How the wish for a stream is answered. */
  public sealed interface Opening {}

  /** There is one; it holds a place until it is over or closed. */
  public record Streaming(JobStream stream) implements Opening {}

  public record NotFound() implements Opening {}

  /** The listener has seen the last frame. */
  public record NothingMore() implements Opening {}

  /** As many streams are open as this node allows. */
  public record TooMany() implements Opening {}
}
