package dev.postrider.event;

import dev.postrider.event.EventTail.Listening;
import dev.postrider.event.EventTail.RunKey;
import dev.postrider.store.EventLog;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tail of one partition, from its first listener to its last. */
final class PartitionTail {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionTail.class);
  private static final int ENTRIES_PER_READ = 500;

  private final Vertx vertx;
  private final EventLog log;
  private final int partition;
  private final Runnable onClosed;
  private final Map<RunKey, Set<Hold>> listeners = new HashMap<>();
  private final Future<Void> started;
  private final long tick;

  private @Nullable EventPosition position;
  private boolean reading = true;
  private boolean again;
  private boolean closed;

  PartitionTail(Vertx vertx, EventLog log, int partition, Runnable onClosed) {
    this.vertx = vertx;
    this.log = log;
    this.partition = partition;
    this.onClosed = onClosed;
    this.tick = vertx.setPeriodic(EventTail.SAFETY_TICK.toMillis(), id -> read());
    this.started = log.end(partition).map(this::startAt).onFailure(cause -> close());
  }

  Future<Listening> listen(RunKey run, EventListener listener) {
    return started.map(
        ignored -> {
          if (closed || position == null) {
            throw new IllegalStateException("the event tail of this node is closed");
          }
          Hold hold = new Hold(run, listener, position);
          listeners.computeIfAbsent(run, r -> new LinkedHashSet<>()).add(hold);
          return hold;
        });
  }

  /** Reads what is new, once more if asked while it reads. */
  void read() {
    EventPosition after = position;
    if (reading || closed || after == null) {
      again = true;
      return;
    }
    reading = true;
    again = false;
    log.read(partition, after, ENTRIES_PER_READ)
        .onComplete(
            page -> {
              reading = false;
              handOut(page);
              if (again) {
                read();
              }
            },
            cause -> {
              // The next wake-up or tick reads on from the same place.
              reading = false;
              LOG.debug("events.unreadable partition={} cause={}", partition, cause.toString());
            });
  }

  void close() {
    if (!closed) {
      closed = true;
      vertx.cancelTimer(tick);
      listeners.clear();
      onClosed.run();
    }
  }

  private @Nullable Void startAt(EventPosition end) {
    position = end;
    reading = false;
    if (again) {
      read();
    }
    return null;
  }

  private void handOut(EventLog.Page page) {
    if (page.gap()) {
      LOG.warn("events.missed partition={} after={}", partition, position);
      listeners.values().stream()
          .flatMap(Set::stream)
          .toList()
          .forEach(hold -> hold.listener.missed());
    }
    for (JobEvent event : page.events()) {
      position = event.position();
      Set<Hold> holds = listeners.get(new RunKey(event.key(), event.runId()));
      if (holds != null) {
        new ArrayList<>(holds).forEach(hold -> hold.listener.happened(event));
      }
    }
    position = page.next();
    // Every entry holds at least one event, so a shorter page was the last one.
    again |= page.events().size() >= ENTRIES_PER_READ;
  }

  private void remove(Hold hold) {
    Set<Hold> holds = listeners.get(hold.run);
    if (holds != null && holds.remove(hold) && holds.isEmpty()) {
      listeners.remove(hold.run);
      if (listeners.isEmpty()) {
        close();
      }
    }
  }

  private final class Hold implements Listening {
    private final RunKey run;
    private final EventListener listener;
    private final EventPosition since;

    Hold(RunKey run, EventListener listener, EventPosition since) {
      this.run = run;
      this.listener = listener;
      this.since = since;
    }

    @Override
    public EventPosition since() {
      return since;
    }

    @Override
    public void close() {
      remove(this);
    }
  }
}
