package dev.postrider.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.testing.StartTimes;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Workers that poll one queue over many connections, and complete at once what they get. */
final class PollingWorkers implements AutoCloseable {

  private static final Executor AFTER_FAILURE =
      CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

  private final String queue;
  private final int maxTasks;
  private final String wait;
  private final Queue<Leased> leased = new ConcurrentLinkedQueue<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong latest = new AtomicLong();
  private volatile boolean stopped;

  private PollingWorkers(String queue, int maxTasks, String wait) {
    this.queue = queue;
    this.maxTasks = maxTasks;
    this.wait = wait;
  }

  /** A task that one of them was given. */
  record Leased(String jobId, String fairnessKey, int node, Instant startedAt) {}

  /** Starts so many on each of the nodes; each asks for so many tasks at a time, and waits. */
  static PollingWorkers start(
      List<Api> nodes, int perNode, String queue, int maxTasks, String wait) {
    PollingWorkers workers = new PollingWorkers(queue, maxTasks, wait);
    for (int i = 0; i < perNode; i++) {
      for (int node = 0; node < nodes.size(); node++) {
        workers.work(nodes.get(node), node, "w" + node + "-" + i);
      }
    }
    return workers;
  }

  private void work(Api api, int node, String name) {
    String poll = "{'worker':'%s','wait':'%s','maxTasks':%d}".formatted(name, wait, maxTasks);
    api.send("/v1/task-queues/" + queue + "/poll", poll)
        .compose(reply -> workOn(api, node, reply))
        .onSuccess(done -> again(api, node, name))
        .onFailure(
            failure -> {
              fail(failure.toString());
              AFTER_FAILURE.execute(() -> again(api, node, name));
            });
  }

  private void again(Api api, int node, String name) {
    if (!stopped) {
      work(api, node, name);
    }
  }

  private Future<Void> workOn(Api api, int node, Reply polled) {
    if (polled.status() != 200) {
      return Future.failedFuture("poll: " + polled);
    }
    List<Future<Reply>> reports = new ArrayList<>();
    for (JsonNode task : polled.json().at("/tasks")) {
      Instant startedAt = Instant.parse(task.at("/startedAt").asText());
      leased.add(
          new Leased(
              task.at("/jobId").asText(),
              task.at("/priority/fairnessKey").asText(),
              node,
              startedAt));
      count.incrementAndGet();
      latest.accumulateAndGet(startedAt.toEpochMilli(), Math::max);
      reports.add(api.send("/v1/tasks/" + task.at("/token").asText() + "/complete", "{}"));
    }
    return Future.join(reports)
        .map(
            all -> {
              reports.stream()
                  .map(Future::result)
                  .filter(reply -> reply.status() != 200)
                  .forEach(reply -> fail("complete: " + reply));
              return null;
            });
  }

  private void fail(String failure) {
    if (!stopped) {
      failures.add(failure);
    }
  }

  /** How many tasks they were given until now. */
  int count() {
    return count.get();
  }

  /** When the latest task was started; {@link Instant#EPOCH} while there is none. */
  Instant latest() {
    return Instant.ofEpochMilli(latest.get());
  }

  Collection<Leased> leased() {
    return List.copyOf(leased);
  }

  StartTimes startTimes() {
    return StartTimes.of(leased().stream().map(Leased::startedAt).toList());
  }

  /** What went wrong until now. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Lets them poll no more; what they are given until their polls end is completed. */
  @Override
  public void close() {
    stopped = true;
  }
}
