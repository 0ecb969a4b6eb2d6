package dev.postrider.event;

import dev.postrider.event.EventTail.Listening;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.store.Described;
import dev.postrider.store.EventLog;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The stream of one run for one listener: a snapshot or the events that the listener missed, then
 * each event as it happens, then the end.
 *
 * <p>No event is lost or sent twice. The stream listens to the tail before it reads snapshot or
 * past, and holds back what it hears until that is sent; positions, which only ever grow, say what
 * was sent already.
 */
public final class JobStream implements EventListener {
  private static final int ENTRIES_PER_READ = 500;

  /** More events held back than this, and a snapshot is the shorter way. */
  private static final int MAX_HELD = 1_000;

  private final Supplier<Future<Optional<Described>>> describe;
  private final EventLog log;
  private final EventTail tail;
  private final JobKey key;
  private final RunId runId;
  private final @Nullable EventPosition resumeAfter;
  private final Runnable onClosed;
  private final Deque<JobEvent> held = new ArrayDeque<>();

  private Job job;
  private EventPosition sent;
  private boolean holding = true;
  private boolean holdingTooMuch;
  private boolean closed;
  private @Nullable StreamSink sink;
  private @Nullable Listening listening;

  /**
   * @param describe reads the run anew
   * @param found the run, just read
   * @param resumed the last frame that the listener saw; null = none
   */
  JobStream(
      Supplier<Future<Optional<Described>>> describe,
      EventLog log,
      EventTail tail,
      Described found,
      @Nullable StreamId resumed,
      Runnable onClosed) {
    this.describe = describe;
    this.log = log;
    this.tail = tail;
    this.key = found.job().key();
    this.runId = found.job().runId();
    this.job = found.job();
    this.sent = resumed == null ? found.position() : resumed.position();
    this.resumeAfter = resumed == null ? null : resumed.position();
    this.onClosed = onClosed;
  }

  /** Starts sending; called once. The last frame is an End or a Broken. */
  public void start(StreamSink sink) {
    this.sink = sink;
    if (resumeAfter == null && !job.state().status().isOpen()) {
      snapshot(new Described(job, sent));
      return;
    }
    tail.listen(key, runId, this)
        .compose(
            held -> {
              if (closed) {
                held.close();
                return Future.succeededFuture();
              }
              listening = held;
              return resumeAfter == null ? describe() : catchUp(resumeAfter, held.since());
            })
        .onSuccess(ignored -> flow())
        .onFailure(this::breakOff);
  }

  /** Ends the stream without a frame; may be called again. */
  public void close() {
    if (!closed) {
      closed = true;
      held.clear();
      if (listening != null) {
        listening.close();
      }
      onClosed.run();
    }
  }

  @Override
  public void happened(JobEvent event) {
    if (!holding) {
      pass(event);
    } else if (held.size() < MAX_HELD) {
      held.add(event);
    } else {
      holdingTooMuch = true;
    }
  }

  @Override
  public void missed() {
    if (holding) {
      holdingTooMuch = true;
    } else {
      startAnew();
    }
  }

  private void startAnew() {
    holding = true;
    holdingTooMuch = false;
    held.clear();
    send(new StreamFrame.Gap(id(false)));
    describe().onSuccess(ignored -> flow()).onFailure(this::breakOff);
  }

  /** Sends the run as it is now. */
  private Future<Void> describe() {
    return describe
        .get()
        .map(
            found -> {
              found.ifPresentOrElse(this::snapshot, this::end);
              return null;
            });
  }

  private void snapshot(Described found) {
    job = found.job();
    sent = found.position();
    boolean open = job.state().status().isOpen();
    send(new StreamFrame.Snapshot(id(!open), job));
    if (!open) {
      end();
    }
  }

  /** Sends what happened between {@code after} and {@code until}. */
  private Future<Void> catchUp(EventPosition after, EventPosition until) {
    if (closed) {
      return Future.succeededFuture();
    }
    return log.read(log.partitionOf(key), after, ENTRIES_PER_READ)
        .compose(
            page -> {
              if (page.gap()) {
                send(new StreamFrame.Gap(id(false)));
                return describe();
              }
              page.events().stream().filter(this::isOfThisRun).forEach(this::pass);
              advance(page.next());
              boolean readAll =
                  page.next().compareTo(until) >= 0 || page.next().compareTo(after) <= 0;
              if (!readAll && sink != null) {
                return sink.ready().compose(ignored -> catchUp(page.next(), until));
              }
              if (!job.state().status().isOpen()) {
                // It was closed before the log was read, and its closing event was seen before.
                end();
              }
              return Future.succeededFuture();
            });
  }

  /** Goes over from what was read to what is heard. */
  private void flow() {
    if (closed) {
      return;
    }
    if (holdingTooMuch) {
      startAnew();
      return;
    }
    holding = false;
    for (Optional<JobEvent> next = nextHeld(); next.isPresent(); next = nextHeld()) {
      pass(next.get());
    }
  }

  private Optional<JobEvent> nextHeld() {
    return Optional.ofNullable(held.pollFirst());
  }

  private void pass(JobEvent event) {
    if (closed || event.position().compareTo(sent) <= 0) {
      return;
    }
    sent = event.position();
    boolean last = event.name().closes();
    send(new StreamFrame.Happened(id(last), event, job));
    if (last) {
      end();
    }
  }

  private void end() {
    if (!closed) {
      send(new StreamFrame.End(id(true)));
      close();
    }
  }

  private void breakOff(Throwable cause) {
    if (!closed) {
      send(new StreamFrame.Broken(id(false), cause));
      close();
    }
  }

  private void send(StreamFrame frame) {
    if (!closed && sink != null) {
      sink.send(frame);
    }
  }

  private void advance(EventPosition read) {
    if (read.compareTo(sent) > 0) {
      sent = read;
    }
  }

  private boolean isOfThisRun(JobEvent event) {
    return event.runId().equals(runId) && event.key().equals(key);
  }

  private StreamId id(boolean last) {
    return new StreamId(runId, sent, last);
  }
}
