package dev.postrider.store.redis;

import dev.postrider.job.JobStatus;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import dev.postrider.store.JobEvent.Name;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one entry of the event stream: the moment under {@code t}, and under each kind's letter the
 * runs that it happened to, one item each, as {@code lua/README.md} lists them.
 */
final class EventEntry {
  private EventEntry() {}

  static List<JobEvent> read(EventPosition entry, Response fields) {
    List<JobEvent> events = new ArrayList<>();
    Instant at = Instant.EPOCH;
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      if (fields.get(i).toString().equals("t")) {
        at = Instant.ofEpochMilli(fields.get(i + 1).toLong());
      }
    }
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      char kind = fields.get(i).toString().charAt(0);
      if (kind != 't') {
        Unpacked items = new Unpacked(fields.get(i + 1).toBuffer(), 0);
        while (items.hasMore()) {
          EventPosition position = new EventPosition(entry.ms(), entry.sequence(), events.size());
          events.add(item(kind, items, position, at));
          if (items.hasMore()) {
            items.skip(1);
          }
        }
      }
    }
    return events;
  }

  private static JobEvent item(char kind, Unpacked from, EventPosition position, Instant at) {
    int attempt = kind == 's' || kind == 'w' || kind == 'N' ? 1 : from.u4();
    Instant next = kind == 'r' || kind == 'u' ? Instant.ofEpochMilli(from.ms()) : null;
    String failureType = kind == 'r' ? from.text() : null;
    char state = kind == 'D' || kind == 'h' ? from.letter() : kind;
    RunId runId = new RunId(from.u8());
    String name = from.line();
    JobStatus status = status(kind, state);
    return new JobEvent(
        position,
        name(kind),
        Keys.jobKey(name),
        runId,
        status,
        status.isOpen() ? runState(kind, state) : null,
        attempt,
        at,
        failureType,
        next);
  }

  private static Name name(char kind) {
    return switch (kind) {
      case 's', 'w', 'N' -> Name.STARTED;
      case 'l' -> Name.LEASED;
      case 'h' -> Name.HEARTBEAT;
      case 'r' -> Name.RETRYING;
      case 'b' -> Name.HANDED_BACK;
      case 'u' -> Name.UNPAUSED;
      case 'n' -> Name.RETRY_NOW;
      case 'c' -> Name.CANCEL_REQUESTED;
      case 'C' -> Name.COMPLETED;
      case 'F' -> Name.FAILED;
      case 'X' -> Name.CANCELED;
      case 'T' -> Name.TERMINATED;
      case 'O' -> Name.TIMED_OUT;
      case 'D' -> Name.DELETED;
      default -> throw new IllegalStateException("an event of the kind " + kind);
    };
  }

  private static JobStatus status(char kind, char state) {
    return switch (kind) {
      case 'N' -> JobStatus.PAUSED;
      case 'C', 'F', 'X', 'T', 'O' -> JobRecord.status(kind);
      case 'D' -> JobRecord.status(state);
      default -> JobStatus.RUNNING;
    };
  }

  private static @Nullable RunState runState(char kind, char state) {
    return switch (kind) {
      case 'N' -> RunState.PAUSED;
      case 'l' -> RunState.STARTED;
      case 'h' -> JobRecord.runState(state);
      case 'c' -> RunState.CANCEL_REQUESTED;
      default -> RunState.SCHEDULED;
    };
  }
}
