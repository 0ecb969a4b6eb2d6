package dev.postrider.store.redis;

import dev.postrider.job.TaskQueue;
import dev.postrider.redis.Script;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.StoreUnavailableException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one event loop to one partition: starts, completions, failures and leases, each
 * gathered into one call while the last of its kind is under way. Leases ride along with any of
 * them; at most one call that leases is under way, because the store keeps the answer of the latest
 * only.
 */
final class Outbox {
  /** A start's arguments: the group that it belongs to, then its own two. */
  record Group(
      String queue, String priority, String fairnessKey, String destination, String weight) {}

  /**
   * A start's answer.
   *
   * @param nowMs when it happened
   * @param tag null = started
   * @param what a record or a run id, as the tag says
   */
  record StartReply(long nowMs, @Nullable String tag, @Nullable Buffer what) {}

  /** A report's answer and when it was given. */
  record ReportReply(long nowMs, Response reply) {}

  /** A lease's answer and the nonce that its tokens carry. */
  record LeaseReply(long nonce, Response reply) {}

  record Lease(LeaseRequest request, Promise<LeaseReply> answer) {}

  /** Who rides along with a call, under which nonce. */
  private record Riding(List<Lease> leases, long nonce) {}

  /** Between two attempts to learn what became of a lease. */
  private static final long ASK_AGAIN_MS = 250;

  /** Tasks that one call may ask for: more would hold Redis for longer than 5 ms. */
  static final int MAX_TASKS = 200;

  private final Calls calls;
  private final Keys keys;
  private final StoreSettings settings;
  private final int partition;
  private final String maxInFlightPerDestination;
  private final Vertx vertx;
  private final Context context;

  private final Line<StartReply> starts = new Line<>();
  private final Line<ReportReply> completions = new Line<>();
  private final Line<ReportReply> failures = new Line<>();
  private final Function<TaskQueue, Optional<Lease>> waiting;
  private final Deque<Lease> leases = new ArrayDeque<>();
  private boolean leasing;
  private boolean scheduled;

  /**
   * @param waiting who on this loop would lease along with starts into a queue
   */
  Outbox(
      Vertx vertx,
      Calls calls,
      Keys keys,
      StoreSettings settings,
      int partition,
      Function<TaskQueue, Optional<Lease>> waiting) {
    this.waiting = waiting;
    this.calls = calls;
    this.keys = keys;
    this.settings = settings;
    this.partition = partition;
    int cap = settings.maxInFlightPerDestination();
    // a partition cannot see what the others have in flight, so each has its share
    this.maxInFlightPerDestination =
        cap == 0 ? "" : Integer.toString(Math.max(1, cap / settings.partitions()));
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
  }

  Future<StartReply> start(String name, Group group, NewRecord record) {
    return add(
        starts,
        name,
        List.of(group, record.blob(), record.options()),
        record.blob().length() + record.options().length());
  }

  Future<ReportReply> complete(String name, Buffer token, Buffer outcome, Buffer response) {
    return add(
        completions, name, List.of(token, outcome, response), outcome.length() + response.length());
  }

  Future<ReportReply> fail(
      String name, Buffer token, String type, String how, Buffer failure, Buffer response) {
    return add(
        failures,
        name,
        List.of(token, type, how, failure, response),
        failure.length() + response.length());
  }

  Future<LeaseReply> lease(LeaseRequest request) {
    Promise<LeaseReply> answer = Promise.promise();
    leases.add(new Lease(request, answer));
    schedule();
    return answer.future();
  }

  private <R> Future<R> add(Line<R> line, String name, List<Object> arguments, int bytes) {
    Promise<R> answer = Promise.promise();
    line.add(new Line.Entry<>(name, arguments, bytes, answer));
    schedule();
    return answer.future();
  }

  /** Sends at the end of this turn of the loop, so that what one turn brings goes together. */
  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      context.runOnContext(
          ignored -> {
            scheduled = false;
            flush();
          });
    }
  }

  private void flush() {
    if (completions.isReady()) {
      report(completions, Scripts.COMPLETE);
    }
    if (failures.isReady()) {
      report(failures, Scripts.FAIL);
    }
    if (starts.isReady()) {
      start();
    }
    if (!leasing && !leases.isEmpty()) {
      List<Object> arguments = calls.arguments();
      Riding riding = board(arguments, List.of());
      calls
          .run(Scripts.LEASE, List.of(keys.meta(partition)), arguments)
          .onSuccess(reply -> alight(riding, reply.get(1)))
          .onFailure(failure -> fail(riding, failure));
    }
  }

  private void report(Line<ReportReply> line, Script script) {
    List<Line.Entry<ReportReply>> batch = line.take();
    List<Object> jobKeys = new ArrayList<>();
    jobKeys.add(keys.meta(partition));
    List<Object> body = new ArrayList<>();
    body.add(Integer.toString(batch.size()));
    for (Line.Entry<ReportReply> entry : batch) {
      jobKeys.add(keys.job(partition, entry.name()));
      body.addAll(entry.arguments());
    }
    List<Object> arguments = calls.arguments();
    Riding riding = board(arguments, body);
    calls
        .run(script, jobKeys, arguments)
        .onComplete(
            done -> {
              line.done();
              schedule();
              if (done.failed()) {
                batch.forEach(entry -> entry.answer().fail(done.cause()));
                fail(riding, done.cause());
                return;
              }
              Response reply = done.result();
              long now = reply.get(1).toLong();
              for (int i = 0; i < batch.size(); i++) {
                batch.get(i).answer().complete(new ReportReply(now, reply.get(2).get(i)));
              }
              alight(riding, reply.get(3));
            });
  }

  private void start() {
    List<Line.Entry<StartReply>> batch = grouped(starts.take());
    List<Object> jobKeys = new ArrayList<>();
    jobKeys.add(keys.meta(partition));
    List<Object> body = new ArrayList<>();
    Set<String> queues = new LinkedHashSet<>();
    int groups = 0;
    Group last = null;
    int countAt = 0;
    int count = 0;
    for (Line.Entry<StartReply> entry : batch) {
      Group group = (Group) entry.arguments().get(0);
      if (!group.equals(last)) {
        groups++;
        last = group;
        queues.add(group.queue());
        body.addAll(
            List.of(
                group.queue(),
                group.priority(),
                group.fairnessKey(),
                group.destination(),
                group.weight()));
        countAt = body.size();
        count = 0;
        body.add("0");
      }
      body.set(countAt, Integer.toString(++count));
      body.add(entry.arguments().get(1));
      body.add(entry.arguments().get(2));
      jobKeys.add(keys.job(partition, entry.name()));
    }
    body.add(0, Integer.toString(groups));
    if (!leasing) {
      queues.forEach(q -> waiting.apply(Keys.taskQueue(q)).ifPresent(leases::addFirst));
    }
    List<Object> arguments = calls.arguments();
    Riding riding = board(arguments, body);
    calls
        .run(Scripts.START, jobKeys, arguments)
        .onComplete(
            done -> {
              starts.done();
              schedule();
              if (done.failed()) {
                batch.forEach(entry -> entry.answer().fail(done.cause()));
                fail(riding, done.cause());
                return;
              }
              Response reply = done.result();
              long now = reply.get(1).toLong();
              Map<Integer, StartReply> exceptions = new LinkedHashMap<>();
              for (Response exception : reply.get(2)) {
                exceptions.put(
                    exception.get(0).toInteger() - 1,
                    new StartReply(now, exception.get(1).toString(), exception.get(2).toBuffer()));
              }
              StartReply started = new StartReply(now, null, null);
              for (int i = 0; i < batch.size(); i++) {
                batch.get(i).answer().complete(exceptions.getOrDefault(i, started));
              }
              alight(riding, reply.get(3));
            });
  }

  /** The batch with each group's starts together; within a group their order stays. */
  private static List<Line.Entry<StartReply>> grouped(List<Line.Entry<StartReply>> batch) {
    Map<Object, List<Line.Entry<StartReply>>> groups = new LinkedHashMap<>();
    for (Line.Entry<StartReply> entry : batch) {
      groups.computeIfAbsent(entry.arguments().get(0), any -> new ArrayList<>()).add(entry);
    }
    return groups.values().stream().flatMap(List::stream).toList();
  }

  /** Completes a call's arguments: who leases, the body, and the leases that ride along. */
  private Riding board(List<Object> arguments, List<Object> body) {
    List<Lease> riding = new ArrayList<>();
    int tasks = 0;
    while (!leasing && !leases.isEmpty()) {
      tasks += leases.element().request().maxTasks();
      if (!riding.isEmpty() && tasks > MAX_TASKS) {
        break;
      }
      riding.add(leases.remove());
    }
    leasing |= !riding.isEmpty();
    Riding boarded = new Riding(riding, calls.randomBits());
    seat(boarded, arguments, body);
    return boarded;
  }

  private void seat(Riding riding, List<Object> arguments, List<Object> body) {
    arguments.add(settings.node());
    arguments.add(settings.loop());
    arguments.add(riding.leases().isEmpty() ? "" : Buffer.buffer().appendLong(riding.nonce()));
    arguments.addAll(body);
    arguments.add(Integer.toString(riding.leases().size()));
    for (Lease lease : riding.leases()) {
      LeaseRequest request = lease.request();
      arguments.add(Keys.queue(request.queue()));
      arguments.add(Integer.toString(request.maxTasks()));
      // the scripts find a node's own leases by this name
      arguments.add(request.builtIn() ? "postrider/" + settings.node() : request.worker());
      arguments.add(request.builtIn() ? "b" : "");
      arguments.add(request.builtIn() ? maxInFlightPerDestination : "");
    }
  }

  private void alight(Riding riding, Response replies) {
    if (riding.leases().isEmpty()) {
      return;
    }
    leasing = false;
    schedule();
    for (int i = 0; i < riding.leases().size(); i++) {
      riding.leases().get(i).answer().complete(new LeaseReply(riding.nonce(), replies.get(i)));
    }
  }

  private void fail(Riding riding, Throwable failure) {
    if (riding.leases().isEmpty()) {
      return;
    }
    if (failure instanceof StoreUnavailableException unavailable && unavailable.mayHaveHappened()) {
      vertx.setTimer(ASK_AGAIN_MS, timer -> askAgain(riding));
      return;
    }
    refuse(riding, failure);
  }

  /**
   * Asks under the same nonce what was leased, until there is an answer: nobody would work on what
   * a forgotten lease holds until it times out.
   */
  private void askAgain(Riding riding) {
    List<Object> arguments = calls.arguments();
    seat(riding, arguments, List.of());
    calls
        .run(Scripts.LEASE, List.of(keys.meta(partition)), arguments)
        .onSuccess(reply -> alight(riding, reply.get(1)))
        .onFailure(
            failure -> {
              if (failure instanceof StoreUnavailableException) {
                vertx.setTimer(ASK_AGAIN_MS, timer -> askAgain(riding));
              } else {
                refuse(riding, failure);
              }
            });
  }

  private void refuse(Riding riding, Throwable failure) {
    leasing = false;
    schedule();
    riding.leases().forEach(lease -> lease.answer().fail(failure));
  }
}
