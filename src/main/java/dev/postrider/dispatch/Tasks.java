package dev.postrider.dispatch;

import dev.postrider.job.Failure;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.Completion;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.FailureReport;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.ReportResult;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The worker's half of dispatch: tasks are polled for, worked on and reported.
 *
 * <p>Futures fail with what the store's fail with, and with {@link RefusedException}.
 */
public final class Tasks {
  private final JobStore store;
  private final ParkedPolls parked;
  private final int maxResultBytes;
  private final Metrics metrics;
  private EagerLeases worker = EagerLeases.NONE;

  /**
   * Belongs to the Vert.x context that makes it.
   *
   * @param places how many polls may be parked, on all loops of the node together
   * @param maxResultBytes longest result that is kept
   */
  public Tasks(
      Vertx vertx,
      JobStore store,
      WakeupSource wakeups,
      Semaphore places,
      int maxResultBytes,
      Metrics metrics) {
    this.store = store;
    this.parked = new ParkedPolls(vertx, store, wakeups, places);
    this.maxResultBytes = maxResultBytes;
    this.metrics = metrics;
    store.takeAlong(this::waitingFor);
  }

  /**
   * Leases tasks, or waits for the first that can be leased.
   *
   * @param wait zero = answer at once
   */
  public Poll poll(LeaseRequest request, Duration wait) {
    Poll poll = parked.poll(request, wait);
    poll.tasks().onSuccess(this::leased);
    return poll;
  }

  /** Leases what can be leased now, for a worker that waits for more by itself. */
  public Future<LeaseResult> lease(LeaseRequest request) {
    return store.lease(request).onSuccess(result -> leased(result.tasks()));
  }

  /** Has leases of such a worker go along with the starts of this event loop, behind the polls. */
  public void takeAlong(EagerLeases worker) {
    this.worker = worker;
  }

  /**
   * Ends an attempt and its job with a result. One that is too long fails the attempt for good and
   * is refused as {@link Refusal#RESULT_TOO_LARGE}.
   */
  public Future<ReportResult> complete(Completion completion) {
    Buffer result = completion.result();
    if (result == null || result.length() <= maxResultBytes) {
      return store.complete(completion).onSuccess(answer -> Reports.count(metrics, answer));
    }
    Failure failure = ResultTooLarge.failure(result.length(), maxResultBytes);
    return fail(new FailureReport(completion.token(), failure, completion.response()))
        .map(
            answer -> {
              if (answer instanceof ReportResult.Accepted) {
                throw ResultTooLarge.refusal(failure);
              }
              return answer;
            });
  }

  /** Ends an attempt with a failure. */
  public Future<ReportResult> fail(FailureReport report) {
    return store.fail(report).onSuccess(answer -> Reports.count(metrics, answer));
  }

  /** Gives leases back unworked; tokens that no longer hold are passed over. */
  public Future<Void> handBack(List<TaskToken> tokens) {
    return tokens.isEmpty() ? Future.succeededFuture() : store.handBack(tokens);
  }

  /** Answers every waiting poll with nothing; polls that come later do not wait. */
  public void close() {
    parked.close();
  }

  private Optional<EagerLeases.Waiting> waitingFor(TaskQueue queue) {
    Optional<EagerLeases.Waiting> poll = parked.waitingFor(queue);
    return poll.isPresent() ? poll : worker.waitingFor(queue).map(this::counted);
  }

  private EagerLeases.Waiting counted(EagerLeases.Waiting waiting) {
    return new EagerLeases.Waiting(
        waiting.request(),
        result -> {
          if (result.succeeded()) {
            leased(result.result().tasks());
          }
          waiting.answer().handle(result);
        });
  }

  private void leased(List<Task> tasks) {
    for (Task task : tasks) {
      metrics.taskLeased(
          task.taskQueue(), task.type(), Duration.between(task.scheduledAt(), task.startedAt()));
    }
  }
}
