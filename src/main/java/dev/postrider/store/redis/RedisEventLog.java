package dev.postrider.store.redis;

import dev.postrider.job.JobKey;
import dev.postrider.store.EventLog;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Reads the streams that the scripts append to. */
public final class RedisEventLog implements EventLog {
  private final Calls calls;
  private final Keys keys;

  /** Makes a reader on the current event loop. */
  public RedisEventLog(Vertx vertx, ScriptRunner runner, StoreSettings settings, Random random) {
    this.calls = new Calls(vertx, runner, settings, random);
    this.keys = new Keys(settings.partitions());
  }

  @Override
  public int partitions() {
    return keys.partitions();
  }

  @Override
  public int partitionOf(JobKey key) {
    return keys.partitionOf(Keys.name(key));
  }

  @Override
  public Future<EventPosition> end(int partition) {
    return calls
        .read(Request.cmd(Command.XREVRANGE, keys.events(partition), "+", "-", "COUNT", 1))
        .map(
            reply ->
                reply == null || reply.size() == 0
                    ? new EventPosition(0, 0, EventPosition.WHOLE)
                    : entry(reply.get(0).get(0), EventPosition.WHOLE));
  }

  @Override
  public Future<Page> read(int partition, EventPosition after, int maxEntries) {
    String from = after.ms() + "-" + after.sequence();
    boolean whole = after.index() == EventPosition.WHOLE;
    Future<@Nullable Response> entries =
        calls.read(
            Request.cmd(
                Command.XRANGE,
                keys.events(partition),
                whole ? "(" + from : from,
                "+",
                "COUNT",
                maxEntries));
    Future<@Nullable Response> state = streamState(partition);
    return Future.all(entries, state).map(done -> page(after, entries.result(), state.result()));
  }

  /** The stream's facts; null while there is no stream. */
  private Future<@Nullable Response> streamState(int partition) {
    return calls
        .read(Request.cmd(Command.XINFO, "STREAM", keys.events(partition)))
        .otherwise((Response) null);
  }

  private static Page page(
      EventPosition after, @Nullable Response entries, @Nullable Response state) {
    List<JobEvent> events = new ArrayList<>();
    EventPosition next = after;
    if (entries != null) {
      for (Response entry : entries) {
        EventPosition end = entry(entry.get(0), EventPosition.WHOLE);
        for (JobEvent event : EventEntry.read(end, entry.get(1))) {
          if (event.position().compareTo(after) > 0) {
            events.add(event);
          }
        }
        next = end;
      }
    }
    return new Page(events, next, isGap(after, state));
  }

  /** Whether entries after a position have been trimmed. */
  private static boolean isGap(EventPosition after, @Nullable Response state) {
    if (state == null) {
      return false;
    }
    long length = 0;
    long added = 0;
    Response first = null;
    for (int i = 0; i + 1 < state.size(); i += 2) {
      switch (state.get(i).toString()) {
        case "length" -> length = state.get(i + 1).toLong();
        case "entries-added" -> added = state.get(i + 1).toLong();
        case "first-entry" -> first = state.get(i + 1);
        default -> {}
      }
    }
    return added > length
        && first != null
        && first.size() > 0
        && new EventPosition(after.ms(), after.sequence(), 0).compareTo(entry(first.get(0), 0)) < 0;
  }

  private static EventPosition entry(Response id, int index) {
    String[] parts = id.toString().split("-", 2);
    return new EventPosition(Long.parseLong(parts[0]), Long.parseLong(parts[1]), index);
  }
}
