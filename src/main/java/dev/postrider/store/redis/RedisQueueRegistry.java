package dev.postrider.store.redis;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.QueueRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the sets of queues that starts write. */
public final class RedisQueueRegistry implements QueueRegistry {
  private final Calls calls;
  private final Keys keys;

  /** Makes a reader on the current event loop. */
  public RedisQueueRegistry(
      Vertx vertx, ScriptRunner runner, StoreSettings settings, Random random) {
    this.calls = new Calls(vertx, runner, settings, random);
    this.keys = new Keys(settings.partitions());
  }

  @Override
  public Future<Set<TaskQueue>> queues() {
    List<Future<@Nullable Response>> reads = new ArrayList<>();
    for (int p = 0; p < keys.partitions(); p++) {
      reads.add(calls.read(Request.cmd(Command.SMEMBERS, keys.queues(p))));
    }
    return Future.all(reads)
        .map(
            done -> {
              Set<TaskQueue> queues = new HashSet<>();
              for (Response members : done.<Response>list()) {
                if (members != null) {
                  members.forEach(member -> queues.add(Keys.taskQueue(member.toString())));
                }
              }
              return queues;
            });
  }
}
