package dev.postrider.store.redis;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.Waits;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limiters of queues whose rate holds over several partitions ({@code lua/queue/limit.lua}).
 * Each is in the partition that its queue's name falls to.
 */
final class RateLimiters {
  private final Calls calls;
  private final Keys keys;

  RateLimiters(Calls calls, Keys keys) {
    this.calls = calls;
    this.keys = keys;
  }

  /**
   * What a partition may hand out.
   *
   * @param until when it ends, ms by Redis's clock
   * @param restIn how long until the rest of what was asked for may be had; null = it was all given
   */
  record Grant(long id, int tokens, String until, @Nullable Duration restIn) {
    /** As a lease takes it along. */
    String text() {
      return tokens + " " + until;
    }
  }

  /** Asks for tokens, for tasks that are ready to be handed out. */
  Future<Grant> grant(TaskQueue queue, int tokens) {
    long id = calls.randomBits();
    return call(queue, Buffer.buffer().appendLong(id), tokens, List.of())
        .map(
            reply -> {
              int granted = reply.get(1).toInteger();
              String wait = reply.get(3).toString();
              Duration next =
                  wait.isEmpty() ? Waits.UNTIL_OPENED : Duration.ofMillis(Long.parseLong(wait));
              return new Grant(
                  id, granted, reply.get(2).toString(), granted < tokens ? next : null);
            });
  }

  /**
   * Says how many tokens of a grant were used, and when, ms. One of which nothing is said lapses.
   */
  Future<Void> used(TaskQueue queue, Grant grant, int tokens, String at) {
    return call(
            queue,
            Buffer.buffer(),
            0,
            List.of("used", Buffer.buffer().appendLong(grant.id()), tokens + " " + at))
        .mapEmpty();
  }

  /**
   * Gives tokens back that came to nothing.
   *
   * @param owed queue and moment of use by turns, as {@code lua/task/hand_back.lua} answers them
   */
  Future<Void> giveBack(Response owed) {
    Map<String, List<Object>> ofQueues = new LinkedHashMap<>();
    for (int i = 0; i + 1 < owed.size(); i += 2) {
      ofQueues
          .computeIfAbsent(owed.get(i).toString(), q -> new ArrayList<>())
          .addAll(List.of("back", "", owed.get(i + 1).toString()));
    }
    List<Future<?>> done = new ArrayList<>();
    // given back twice they would be tokens that nobody has earned
    ofQueues.forEach(
        (q, back) ->
            done.add(
                calls.runOnce(Scripts.LIMIT, limiter(q), arguments(q, Buffer.buffer(), 0, back))));
    return Future.join(done).mapEmpty();
  }

  private Future<Response> call(TaskQueue queue, Buffer id, int tokens, List<Object> ended) {
    String q = Keys.queue(queue);
    return calls.run(Scripts.LIMIT, limiter(q), arguments(q, id, tokens, ended));
  }

  private List<String> limiter(String q) {
    return List.of(keys.meta(keys.partitionOf(q)));
  }

  private List<Object> arguments(String q, Buffer id, int tokens, List<Object> ended) {
    List<Object> arguments = calls.arguments();
    arguments.addAll(List.of(q, id, Integer.toString(tokens)));
    arguments.addAll(ended);
    return arguments;
  }
}
