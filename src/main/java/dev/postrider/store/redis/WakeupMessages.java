package dev.postrider.store.redis;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.Wakeup;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the scripts publish, as wake-ups. */
public final class WakeupMessages {
  private final Keys keys;

  public WakeupMessages(int partitions) {
    this.keys = new Keys(partitions);
  }

  /** Every channel that a node listens to. */
  public List<String> channels() {
    List<String> channels = new ArrayList<>();
    for (int p = 0; p < keys.partitions(); p++) {
      channels.add(keys.wake(p));
      channels.add(keys.happened(p));
    }
    return channels;
  }

  /** The wake-up in a message; empty when it is none that this version knows. */
  public Optional<Wakeup> read(String channel, Buffer message) {
    for (int p = 0; p < keys.partitions(); p++) {
      if (channel.equals(keys.happened(p))) {
        return Optional.of(new Wakeup.Happened(p));
      }
    }
    if (message.length() > 1 && message.getByte(0) == 'q') {
      return Optional.of(new Wakeup.Leasable(queue(message)));
    }
    if (message.length() > 1 && message.getByte(0) == 'o') {
      return Optional.of(new Wakeup.Opened(queue(message)));
    }
    if (message.length() > 9 && message.getByte(0) == 'x') {
      String name = message.getString(9, message.length(), StandardCharsets.UTF_8.name());
      return Optional.of(new Wakeup.Abort(Keys.jobKey(name), message.getLong(1)));
    }
    if (message.length() > 1 && message.getByte(0) == 'n') {
      // a worker's name follows its namespace as a queue's does
      TaskQueue like = queue(message);
      return Optional.of(new Wakeup.Noticed(like.namespace(), like.name()));
    }
    return Optional.empty();
  }

  private static TaskQueue queue(Buffer message) {
    return Keys.taskQueue(message.getString(1, message.length(), StandardCharsets.UTF_8.name()));
  }
}
