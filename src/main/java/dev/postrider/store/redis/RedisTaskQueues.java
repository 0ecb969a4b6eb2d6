package dev.postrider.store.redis;

import dev.postrider.job.TaskQueue;
import dev.postrider.redis.Script;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueSummary;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.UpdateLimitsResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The task queues in Redis: {@code lua/queue}. */
public final class RedisTaskQueues implements TaskQueues {
  private final Calls calls;
  private final Keys keys;
  private final RedisQueueRegistry registry;
  private final String maxEntries;

  /**
   * Makes them on the current event loop.
   *
   * @param maxEntries how many fairness keys of a queue may have rates of their own, how many
   *     destinations, and how many keys weights
   */
  public RedisTaskQueues(
      Vertx vertx, ScriptRunner runner, StoreSettings settings, Random random, int maxEntries) {
    this.calls = new Calls(vertx, runner, settings, random);
    this.keys = new Keys(settings.partitions());
    this.registry = new RedisQueueRegistry(vertx, runner, settings, random);
    this.maxEntries = Integer.toString(maxEntries);
  }

  @Override
  public int partitions() {
    return keys.partitions();
  }

  @Override
  public Future<UpdateLimitsResult> updateLimits(QueueControl control, LimitsChange change) {
    List<Object> fields = new ArrayList<>(List.of(maxEntries));
    fields.addAll(LimitFields.of(change));
    return control(Scripts.UPDATE_LIMITS, control, fields)
        .map(
            reply ->
                "too_many".equals(reply.get(0).toString())
                    ? new UpdateLimitsResult.TooMany(
                        LimitFields.mapOf(reply.get(1).toString()),
                        reply.get(2).toInteger(),
                        Integer.parseInt(maxEntries))
                    : new UpdateLimitsResult.Updated());
  }

  @Override
  public Future<Void> pause(QueueControl control) {
    return control(Scripts.PAUSE_QUEUE, control, List.of()).mapEmpty();
  }

  @Override
  public Future<Void> unpause(QueueControl control) {
    return control(Scripts.UNPAUSE_QUEUE, control, List.of()).mapEmpty();
  }

  /** Changes a queue's settings in its own partition, then in all others. */
  private Future<Response> control(Script script, QueueControl control, List<Object> more) {
    String q = Keys.queue(control.queue());
    int own = keys.partitionOf(q);
    List<Object> arguments = arguments(q, own);
    // the call may be sent again when its answer is lost, and changes nothing then
    String requestId = control.requestId();
    arguments.add(requestId == null ? Long.toHexString(calls.randomBits()) : requestId);
    arguments.add(control.reason() == null ? "" : control.reason());
    arguments.addAll(more);
    return calls
        .run(script, List.of(keys.meta(own)), arguments)
        .compose(
            reply ->
                "set".equals(reply.get(0).toString())
                    ? follow(q, own, reply).map(reply)
                    : Future.succeededFuture(reply));
  }

  private Future<Void> follow(String q, int own, Response settings) {
    List<Future<?>> done = new ArrayList<>();
    for (int partition = 0; partition < keys.partitions(); partition++) {
      if (partition != own) {
        List<Object> arguments = arguments(q, partition);
        for (int i = 1; i < settings.size(); i++) {
          arguments.add(settings.get(i).toBuffer());
        }
        done.add(calls.run(Scripts.FOLLOW_QUEUE, List.of(keys.meta(partition)), arguments));
      }
    }
    return Future.all(done).mapEmpty();
  }

  private List<Object> arguments(String q, int partition) {
    List<Object> arguments = calls.arguments();
    arguments.add(q);
    arguments.add(Integer.toString(partition));
    arguments.add(Integer.toString(keys.partitions()));
    return arguments;
  }

  @Override
  public Future<QueueDescription> describe(TaskQueue queue, int most) {
    String q = Keys.queue(queue);
    List<Future<Response>> parts = new ArrayList<>();
    for (int partition = 0; partition < keys.partitions(); partition++) {
      List<Object> arguments = calls.arguments();
      arguments.addAll(List.of(q, Integer.toString(most)));
      parts.add(calls.run(Scripts.DESCRIBE_QUEUE, List.of(keys.meta(partition)), arguments));
    }
    return Future.all(parts)
        .map(done -> QueueReader.read(queue, most, keys.partitionOf(q), done.list()));
  }

  @Override
  public Future<List<QueueSummary>> list(String namespace, @Nullable String after, int most) {
    return registry
        .queues()
        .compose(
            all -> {
              List<Future<QueueSummary>> page =
                  all.stream()
                      .filter(queue -> queue.namespace().equals(namespace))
                      .map(TaskQueue::name)
                      .filter(name -> after == null || name.compareTo(after) > 0)
                      .sorted()
                      .limit(most)
                      .map(name -> summary(new TaskQueue(namespace, name)))
                      .toList();
              return Future.all(page).map(done -> done.<QueueSummary>list());
            });
  }

  private Future<QueueSummary> summary(TaskQueue queue) {
    List<Future<@Nullable Response>> parts = new ArrayList<>();
    for (int partition = 0; partition < keys.partitions(); partition++) {
      String key = keys.queueFacts(partition, Keys.queue(queue));
      parts.add(calls.read(Request.cmd(Command.HMGET, key, "paused", "ready", "in")));
    }
    return Future.all(parts)
        .map(
            done -> {
              boolean paused = false;
              long ready = 0;
              long inFlight = 0;
              for (Response facts : done.<Response>list()) {
                paused |= facts.get(0) != null;
                ready += facts.get(1) == null ? 0 : facts.get(1).toLong();
                inFlight += facts.get(2) == null ? 0 : facts.get(2).toLong();
              }
              return new QueueSummary(queue, paused, ready, inFlight);
            });
  }
}
