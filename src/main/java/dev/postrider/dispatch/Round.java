package dev.postrider.dispatch;

import dev.postrider.job.Notice;
import dev.postrider.job.Task;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Waits;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks the queues of a poll, until it has what it asked for or none of them can give more. Never
 * asks for more tasks than one answer may have, so nothing is leased that would have to go back,
 * but for what is too long.
 */
final class Round {
  private final PollRequest request;
  private final Poll poll;
  private final Shares shares;
  private final List<Tour.Stop> able;
  private final Handler<LeaseResult> putBack;
  private final Handler<AsyncResult<LeaseResult>> answer;
  private final List<Task> tasks = new ArrayList<>();
  private final List<Notice> notices = new ArrayList<>();
  private long room;
  private double point;
  private int underWay;
  private boolean over;
  private @Nullable Duration ownRate;
  private @Nullable Throwable failure;

  /**
   * @param able the queues to ask, in their order
   * @param maxBytes what the inputs and heartbeat details of the tasks may have together
   * @param putBack takes what is too long
   * @param answer takes what was found; fails only if nothing was
   */
  Round(
      PollRequest request,
      Poll poll,
      Shares shares,
      List<Tour.Stop> able,
      long maxBytes,
      Handler<LeaseResult> putBack,
      Handler<AsyncResult<LeaseResult>> answer) {
    this.request = request;
    this.poll = poll;
    this.shares = shares;
    this.able = new ArrayList<>(able);
    this.room = maxBytes;
    this.putBack = putBack;
    this.answer = answer;
  }

  void start() {
    point = request.strict() ? 0 : shares.next(request.queues());
    next();
  }

  private void next() {
    int missing = request.maxTasks() - tasks.size();
    if (over || missing == 0 || able.isEmpty() || poll.isAnswered()) {
      end();
      return;
    }
    List<Shares.Part<Tour.Stop>> parts =
        request.strict()
            ? List.of(new Shares.Part<>(able.get(0), missing, 0))
            : shares.divide(missing, able, Tour.Stop::weight, point);
    point = shares.any();
    underWay = parts.size();
    long bytes = room;
    for (Shares.Part<Tour.Stop> part : parts) {
      part.queue().lease(part.tasks(), bytes * part.tasks() / missing, found -> took(part, found));
    }
  }

  private void took(Shares.Part<Tour.Stop> part, AsyncResult<LeaseResult> result) {
    underWay--;
    if (result.succeeded()) {
      take(part, result.result());
    } else {
      failure = result.cause();
      over = true;
    }
    if (underWay == 0) {
      next();
    }
  }

  private void take(Shares.Part<Tour.Stop> part, LeaseResult found) {
    notices.addAll(found.notices());
    int given = found.tasks().size();
    int fitting = 0;
    while (fitting < given && fits(found.tasks().get(fitting))) {
      fitting++;
    }
    if (fitting < given) {
      putBack.handle(
          new LeaseResult(found.tasks().subList(fitting, given), List.of(), false, Waits.NONE));
    }
    Waits waits = found.waits();
    if (waits.worker() != null) {
      ownRate = waits.worker();
    }
    boolean isCut = fitting < given || (given > 0 && given < part.tasks() && found.more());
    over |= isCut || waits.worker() != null;
    if (!found.more() || waits.queue() != null) {
      able.remove(part.queue());
    }
  }

  /** Takes a task if there is room for it; there always is for one. */
  private boolean fits(Task task) {
    long length = length(task.input()) + length(task.heartbeatDetails());
    if (length > room && !tasks.isEmpty()) {
      return false;
    }
    room -= length;
    tasks.add(task);
    return true;
  }

  private static long length(@Nullable Buffer value) {
    return value == null ? 0 : value.length();
  }

  private void end() {
    LeaseResult found =
        new LeaseResult(List.copyOf(tasks), List.copyOf(notices), false, Waits.ofWorker(ownRate));
    answer.handle(
        failure != null && found.isNothing()
            ? Future.failedFuture(failure)
            : Future.succeededFuture(found));
  }
}
