package dev.postrider.store.redis;

import dev.postrider.job.TaskQueue;
import dev.postrider.redis.Script;
import dev.postrider.store.LeaseRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one event loop to one partition: starts and each kind of report, gathered into one
 * call while the last of its kind is under way. Leases ride along with any of them.
 */
final class Outbox {
  private static final List<Script> REPORTS =
      List.of(Scripts.COMPLETE, Scripts.FAIL, Scripts.CANCELED, Scripts.HEARTBEAT);

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

  private final Calls calls;
  private final Keys keys;
  private final int partition;
  private final Context context;

  private final Line<StartReply> starts = new Line<>();
  private final Map<Script, Line<ReportReply>> reports = new LinkedHashMap<>();
  private final Function<TaskQueue, Optional<Leases.Lease>> waiting;
  private final Leases leases;
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
      Function<TaskQueue, Optional<Leases.Lease>> waiting) {
    this.waiting = waiting;
    this.calls = calls;
    this.keys = keys;
    this.partition = partition;
    this.context = vertx.getOrCreateContext();
    this.leases = new Leases(vertx, calls, keys, settings, partition, this::schedule);
    for (Script script : REPORTS) {
      reports.put(script, new Line<>());
    }
  }

  Future<StartReply> start(String name, Group group, NewRecord record) {
    return add(
        starts,
        name,
        List.of(group, record.blob(), record.options()),
        record.blob().length() + record.options().length());
  }

  /**
   * One of the reports on a task.
   *
   * @param script of the kind of report
   * @param arguments as its header has them for each report
   */
  Future<ReportReply> report(Script script, String name, List<Object> arguments) {
    int bytes = 0;
    for (Object argument : arguments) {
      bytes += argument instanceof Buffer buffer ? buffer.length() : 0;
    }
    return add(Objects.requireNonNull(reports.get(script)), name, arguments, bytes);
  }

  /**
   * @param grant what another partition's limiter allows, or ""
   */
  Future<Leases.Reply> lease(LeaseRequest request, String grant) {
    Promise<Leases.Reply> answer = Promise.promise();
    leases.add(new Leases.Lease(request, grant, answer));
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
    reports.forEach(
        (script, line) -> {
          if (line.isReady()) {
            report(line, script);
          }
        });
    if (starts.isReady()) {
      start();
    }
    leases.sendAlone();
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
    Leases.Riding riding = leases.board(arguments, body);
    calls
        .run(script, jobKeys, arguments)
        .onComplete(
            done -> {
              line.done();
              schedule();
              if (done.failed()) {
                batch.forEach(entry -> entry.answer().fail(done.cause()));
                leases.fail(riding, done.cause());
                return;
              }
              Response reply = done.result();
              long now = reply.get(1).toLong();
              for (int i = 0; i < batch.size(); i++) {
                batch.get(i).answer().complete(new ReportReply(now, reply.get(2).get(i)));
              }
              leases.alight(riding, reply, 3);
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
    if (leases.canBoard()) {
      queues.forEach(q -> waiting.apply(Keys.taskQueue(q)).ifPresent(leases::addFirst));
    }
    List<Object> arguments = calls.arguments();
    Leases.Riding riding = leases.board(arguments, body);
    calls
        .run(Scripts.START, jobKeys, arguments)
        .onComplete(
            done -> {
              starts.done();
              schedule();
              if (done.failed()) {
                batch.forEach(entry -> entry.answer().fail(done.cause()));
                leases.fail(riding, done.cause());
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
              leases.alight(riding, reply, 3);
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
}
