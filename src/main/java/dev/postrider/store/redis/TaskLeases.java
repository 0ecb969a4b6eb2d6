package dev.postrider.store.redis;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.TimerListener;
import dev.postrider.store.Waits;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leases tasks over all partitions, in as many calls as that takes. */
final class TaskLeases {
  private static final Logger LOG = LoggerFactory.getLogger(TaskLeases.class);

  private final Keys keys;
  private final List<Outbox> outboxes;
  private final List<TaskReader> readers = new ArrayList<>();
  private final Unworked unworked;
  private final RateLimiters limiters;
  private final TimerListener timers;
  private EagerLeases eager = EagerLeases.NONE;
  private int nextPartition;

  /**
   * @param outboxes of each partition
   */
  TaskLeases(
      Calls calls,
      Keys keys,
      List<Outbox> outboxes,
      Unworked unworked,
      RateLimiters limiters,
      TimerListener timers) {
    this.keys = keys;
    this.outboxes = outboxes;
    this.unworked = unworked;
    this.limiters = limiters;
    this.timers = timers;
    for (int p = 0; p < keys.partitions(); p++) {
      readers.add(new TaskReader(calls, keys, p));
    }
  }

  void takeAlong(EagerLeases waiting) {
    eager = waiting;
  }

  /** The lease that would go along with starts into a queue, if anybody waits there. */
  Optional<Leases.Lease> waitingFor(int partition, TaskQueue queue) {
    return eager
        .waitingFor(queue)
        .map(
            waiting -> {
              LeaseRequest request = waiting.request();
              LeaseRequest part =
                  request.withMaxTasks(Math.min(request.maxTasks(), Leases.MAX_TASKS));
              Promise<Leases.Reply> answer = Promise.promise();
              answer
                  .future()
                  .compose(reply -> tasks(partition, part, reply, LeaseResult.NOTHING))
                  .map(
                      leased ->
                          leased.left()
                                  || isCut(part, request, leased.found())
                                  || TaskReader.ungranted(answer.future().result()) > 0
                              ? leased.found().withMore(true)
                              : leased.found())
                  .onComplete(waiting.answer());
              return new Leases.Lease(part, "", answer);
            });
  }

  /** A lease was given all that one call may ask for, and wants more. */
  private static boolean isCut(LeaseRequest part, LeaseRequest whole, LeaseResult leased) {
    return part.maxTasks() < whole.maxTasks() && leased.tasks().size() == part.maxTasks();
  }

  /**
   * The tasks of a lease, as far as there is room for them beside what its poll has got already;
   * the others are handed back, and all of them if what lies beside them cannot be read.
   */
  private Future<TaskReader.Read> tasks(
      int partition, LeaseRequest request, Leases.Reply reply, LeaseResult got) {
    return readers
        .get(partition)
        .read(request, reply, got)
        .onSuccess(
            read -> {
              for (Task task : read.found().tasks()) {
                timers.armed(partition, Duration.between(task.startedAt(), task.deadlineAt()));
              }
            })
        .recover(
            failure ->
                Future.join(
                        unworked.handBack(TaskReader.tokens(reply)),
                        unworked.notifyAgain(TaskReader.noticed(reply)))
                    .transform(any -> Future.failedFuture(failure)))
        .compose(
            read ->
                read.left()
                    ? unworked.handBack(read.over()).transform(any -> Future.succeededFuture(read))
                    : Future.succeededFuture(read));
  }

  /** {@link dev.postrider.store.JobStore#lease}. */
  Future<LeaseResult> lease(LeaseRequest request) {
    int first = nextPartition;
    nextPartition = (nextPartition + 1) % keys.partitions();
    return lease(request, first, 0, LeaseResult.NOTHING, false);
  }

  /**
   * Asks one partition after the other until there are enough, each as often as one call cannot
   * give all; a worker's notices lie in all of them.
   *
   * @param full no more tasks are asked for
   */
  private Future<LeaseResult> lease(
      LeaseRequest request, int first, int asked, LeaseResult got, boolean full) {
    int missing = full ? 0 : request.maxTasks() - got.tasks().size();
    if (asked == keys.partitions() || (missing == 0 && request.builtIn())) {
      boolean held = got.waits().queue() != null;
      return Future.succeededFuture(got.withMore(!held && (got.more() || missing == 0)));
    }
    int partition = (first + asked) % keys.partitions();
    LeaseRequest whole = request.withMaxTasks(missing);
    LeaseRequest part = whole.withMaxTasks(Math.min(missing, Leases.MAX_TASKS));
    return ask(partition, part, got)
        .compose(
            read -> {
              LeaseResult leased = read.found();
              // nor do the other partitions of a held queue give any more, but they have notices
              boolean held = leased.waits().queue() != null;
              return isCut(part, whole, leased) && !held
                  ? lease(request, first, asked, together(got, leased.withMore(false)), false)
                  : lease(
                      request,
                      first,
                      asked + 1,
                      together(got, leased),
                      full || read.left() || held);
            })
        .recover(
            failure ->
                // what the partitions before have given must not be forgotten
                got.tasks().isEmpty() && got.notices().isEmpty()
                    ? Future.failedFuture(failure)
                    : Future.succeededFuture(
                        new LeaseResult(got.tasks(), got.notices(), true, Waits.NONE)));
  }

  /** Asks one partition; where the queue's rate is granted by a limiter, with such a grant. */
  private Future<TaskReader.Read> ask(int partition, LeaseRequest part, LeaseResult got) {
    Outbox outbox = outboxes.get(partition);
    return outbox
        .lease(part, "")
        .compose(
            reply -> {
              Future<TaskReader.Read> asked = tasks(partition, part, reply, got);
              int ready = TaskReader.ungranted(reply);
              return ready == 0
                  ? asked
                  : asked.compose(
                      told ->
                          limiters
                              .grant(part.queue(), ready)
                              .compose(grant -> leaseUnder(grant, partition, part, got))
                              .map(read -> read.after(together(told.found(), read.found())))
                              .recover(
                                  failure ->
                                      told.found().notices().isEmpty()
                                          ? Future.failedFuture(failure)
                                          : Future.succeededFuture(
                                              told.after(told.found().withMore(true)))));
            });
  }

  private Future<TaskReader.Read> leaseUnder(
      RateLimiters.Grant grant, int partition, LeaseRequest part, LeaseResult got) {
    Waits waits = new Waits(null, null, grant.restIn());
    if (grant.tokens() == 0) {
      return Future.succeededFuture(new TaskReader.Read(nothing(waits), List.of()));
    }
    return outboxes
        .get(partition)
        .lease(part.withMaxTasks(Math.min(part.maxTasks(), grant.tokens())), grant.text())
        .compose(
            reply -> {
              Response leased = reply.reply();
              // of a call that had to be repeated it is not known: all of it counts as used
              if (!"again".equals(leased.get(0).toString())) {
                int used = (leased.size() - 3) / 2;
                limiters
                    .used(part.queue(), grant, used, leased.get(2).toString())
                    .onFailure(cause -> LOG.debug("grant.lapses cause={}", cause.toString()));
              }
              boolean late = TaskReader.ungranted(reply) > 0;
              return tasks(partition, part, reply, got)
                  .map(read -> late ? read.after(read.found().withMore(true)) : read);
            })
        .map(
            read -> {
              boolean all = read.found().tasks().size() >= grant.tokens();
              return read.after(together(read.found(), nothing(all ? waits : Waits.NONE)));
            });
  }

  private static LeaseResult nothing(Waits waits) {
    return new LeaseResult(List.of(), List.of(), false, waits);
  }

  private static LeaseResult together(LeaseResult one, LeaseResult other) {
    List<Task> tasks = new ArrayList<>(one.tasks());
    tasks.addAll(other.tasks());
    List<Notice> notices = new ArrayList<>(one.notices());
    notices.addAll(other.notices());
    return new LeaseResult(
        List.copyOf(tasks),
        List.copyOf(notices),
        one.more() || other.more(),
        one.waits().and(other.waits()));
  }
}
