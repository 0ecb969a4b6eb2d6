package dev.postrider.event;

import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.store.EventLog;
import dev.postrider.store.EventPosition;
import dev.postrider.store.Wakeup;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the event log of each partition that somebody listens to, and hands every event to the
 * listeners of its run. It reads when the store calls out that something happened, and once per
 * {@link #SAFETY_TICK} in case a call was lost.
 *
 * <p>Belongs to the event loop that made it.
 */
public final class EventTail {
  /** How late an event may be heard when its wake-up was lost. */
  public static final Duration SAFETY_TICK = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final EventLog log;
  private final WakeupSource.Registration registration;
  private final Map<Integer, PartitionTail> tails = new HashMap<>();

  public EventTail(Vertx vertx, EventLog log, WakeupSource wakeups) {
    this.vertx = vertx;
    this.log = log;
    this.registration = wakeups.register(this::wake);
  }

  /**
   * Hands every event of the run that happens after the answer to {@code listener}, and possibly
   * some that happened shortly before. What is read from the store after the answer is therefore
   * followed without a hole by the events after its position.
   *
   * @return fails when the log cannot be read now
   */
  public Future<Listening> listen(JobKey key, RunId runId, EventListener listener) {
    int partition = log.partitionOf(key);
    PartitionTail tail =
        tails.computeIfAbsent(
            partition, p -> new PartitionTail(vertx, log, p, () -> tails.remove(p)));
    return tail.listen(new RunKey(key, runId), listener);
  }

  /** Ends every listening without a word. */
  public void close() {
    registration.close();
    List.copyOf(tails.values()).forEach(PartitionTail::close);
  }

  private void wake(Wakeup wakeup) {
    if (wakeup instanceof Wakeup.Happened happened) {
      PartitionTail tail = tails.get(happened.partition());
      if (tail != null) {
        tail.read();
      }
    } else if (wakeup instanceof Wakeup.Missed) {
      List.copyOf(tails.values()).forEach(PartitionTail::read);
    }
  }

  /** One listener's hold on the tail. */
  public interface Listening {
    /** The place that the listener hears everything after. */
    EventPosition since();

    /** Ends it; may be called again. */
    void close();
  }

  /** The run that an event is about. */
  record RunKey(JobKey key, RunId runId) {}
}
