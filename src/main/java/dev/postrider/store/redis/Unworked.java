package dev.postrider.store.redis;

import dev.postrider.job.TaskToken;
import dev.postrider.redis.Script;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives back what was leased or told and reached nobody who would work on it. */
final class Unworked {
  private static final Logger LOG = LoggerFactory.getLogger(Unworked.class);

  private final Calls calls;
  private final Keys keys;
  private final RateLimiters limiters;

  Unworked(Calls calls, Keys keys, RateLimiters limiters) {
    this.calls = calls;
    this.keys = keys;
    this.limiters = limiters;
  }

  /** {@link dev.postrider.store.JobStore#handBack}. */
  Future<List<TaskToken>> handBack(List<TaskToken> tokens) {
    List<TaskToken> lost = new ArrayList<>();
    return putBack(
            Scripts.HAND_BACK,
            tokens,
            (sent, reply) -> {
              for (int i = 0; i < sent.size(); i++) {
                if ("lost".equals(reply.get(1).get(i).toString())) {
                  lost.add(sent.get(i));
                }
              }
              // tokens that cannot be given back now are earned again in time
              limiters
                  .giveBack(reply.get(2))
                  .onFailure(
                      cause -> LOG.debug("tokens.not_given_back cause={}", cause.toString()));
            })
        .map(lost);
  }

  /** {@link dev.postrider.store.JobStore#notifyAgain}. */
  Future<Void> notifyAgain(List<TaskToken> tokens) {
    return putBack(Scripts.NOTIFY, tokens, (sent, reply) -> {});
  }

  private Future<Void> putBack(
      Script script, List<TaskToken> tokens, BiConsumer<List<TaskToken>, Response> answered) {
    Map<Integer, Map<String, TaskToken>> byPartition = new LinkedHashMap<>();
    for (TaskToken token : tokens) {
      String name = Keys.name(token.key());
      byPartition
          .computeIfAbsent(keys.partitionOf(name), any -> new LinkedHashMap<>())
          .put(name, token);
    }
    List<Future<?>> done = new ArrayList<>();
    byPartition.forEach(
        (partition, named) -> {
          List<Map.Entry<String, TaskToken>> all = List.copyOf(named.entrySet());
          for (int from = 0; from < all.size(); from += Line.MAX_ENTRIES) {
            List<Object> jobKeys = new ArrayList<>(List.of(keys.meta(partition)));
            List<Object> arguments = calls.arguments();
            List<Map.Entry<String, TaskToken>> slice =
                all.subList(from, Math.min(all.size(), from + Line.MAX_ENTRIES));
            for (Map.Entry<String, TaskToken> entry : slice) {
              jobKeys.add(keys.job(partition, entry.getKey()));
              arguments.add(Replies.token(entry.getValue()));
            }
            List<TaskToken> sent = slice.stream().map(Map.Entry::getValue).toList();
            done.add(
                calls
                    .run(script, jobKeys, arguments)
                    .onSuccess(reply -> answered.accept(sent, reply)));
          }
        });
    return Future.all(done).mapEmpty();
  }
}
