package dev.postrider.store.redis;

import dev.postrider.job.RunId;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import dev.postrider.store.JobEvent.Name;
import io.vertx.redis.client.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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
    char state = tellsState(kind) ? from.letter() : state(kind);
    Instant next = tellsNext(kind) ? Instant.ofEpochMilli(from.ms()) : null;
    String failureType = kind == 'r' || kind == 'q' ? from.text() : null;
    RunId runId = new RunId(from.u8());
    String name = from.line();
    return new JobEvent(
        position,
        name(kind),
        Keys.jobKey(name),
        runId,
        JobRecord.status(state),
        JobRecord.runState(state),
        attempt,
        at,
        failureType,
        // of a control, only a dispatch that it puts in the future
        (kind == 'R' || kind == 'o') && state != 'W' ? null : next);
  }

  private static boolean tellsState(char kind) {
    return kind == 'D' || kind == 'R' || kind == 'o' || kind == 'h';
  }

  private static boolean tellsNext(char kind) {
    return kind == 'r' || kind == 'q' || kind == 'u' || kind == 'R' || kind == 'o';
  }

  private static Name name(char kind) {
    return switch (kind) {
      case 's', 'w', 'N' -> Name.STARTED;
      case 'l' -> Name.LEASED;
      case 'h' -> Name.HEARTBEAT;
      case 'r' -> Name.RETRYING;
      case 'b' -> Name.HANDED_BACK;
      case 'p' -> Name.PAUSE_REQUESTED;
      case 'P', 'q' -> Name.PAUSED;
      case 'u', 'v' -> Name.UNPAUSED;
      case 'R' -> Name.RESET;
      case 'o' -> Name.OPTIONS_UPDATED;
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

  /** The state of the record after an event of this kind. */
  private static char state(char kind) {
    return switch (kind) {
      case 'N', 'P', 'q' -> 'P';
      case 'l', 'v' -> 'R';
      case 'c', 'p', 'C', 'F', 'X', 'T', 'O' -> kind;
      default -> 'S';
    };
  }
}
