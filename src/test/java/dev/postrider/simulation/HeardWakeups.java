package dev.postrider.simulation;

import dev.postrider.redis.RedisConnector;
import dev.postrider.redis.Subscription;
import dev.postrider.store.Wakeup;
import dev.postrider.store.redis.WakeupMessages;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Hears what the store calls out, of stores with one partition and with four. */
final class HeardWakeups implements Subscription.Listener {
  /** A message here marks the end of what a step called out. */
  static final String MARKS = "simulation marks";

  private final Map<String, WakeupMessages> decoders = new HashMap<>();
  private final Promise<Void> ready = Promise.promise();
  private final Map<String, Promise<Set<Wakeup>>> marks = new HashMap<>();
  private Set<Wakeup> heard = new LinkedHashSet<>();
  private Subscription subscription;

  /** Begins to hear; to be called on an event loop, as everything here. */
  Future<Void> open(RedisConnector connector) {
    Set<String> channels = new HashSet<>();
    for (int partitions : new int[] {1, 4}) {
      WakeupMessages messages = new WakeupMessages(partitions);
      for (String channel : messages.channels()) {
        decoders.put(channel, messages);
        channels.add(channel);
      }
    }
    List<String> all = new ArrayList<>(channels);
    all.add(MARKS);
    subscription = Subscription.open(connector, "simulation", all, this);
    return ready.future();
  }

  Future<Void> close() {
    return subscription.close();
  }

  /** What was heard up to a mark since the last; the mark is published after this call. */
  Future<Set<Wakeup>> until(String mark) {
    Promise<Set<Wakeup>> reached = Promise.promise();
    marks.put(mark, reached);
    return reached.future();
  }

  @Override
  public void subscribed() {
    ready.tryComplete();
  }

  @Override
  public void lost() {}

  @Override
  public void message(String channel, Buffer payload) {
    if (channel.equals(MARKS)) {
      Promise<Set<Wakeup>> reached = marks.remove(payload.toString());
      if (reached != null) {
        reached.complete(heard);
      }
      heard = new LinkedHashSet<>();
    } else {
      decoders
          .get(channel)
          .read(channel, payload)
          .ifPresent(
              wakeup -> {
                heard.add(wakeup);
              });
    }
  }
}
