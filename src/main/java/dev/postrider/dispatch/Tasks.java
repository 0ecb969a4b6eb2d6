package dev.postrider.dispatch;

import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Leaseholder;
import dev.postrider.store.ReportResult;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The worker's half of dispatch: tasks are polled for, worked on and reported.
 *
 * <p>Futures fail with what the store's fail with, and with {@link RefusedException}.
 */
public final class Tasks {
  private final JobStore store;
  private final ParkedPolls parked;
  private final int maxPollBytes;
  private final ReportLimits limits;
  private final Metrics metrics;
  private EagerLeases worker = EagerLeases.NONE;

  /**
   * Belongs to the Vert.x context that makes it.
   *
   * @param places how many polls may be parked, on all loops of the node together
   * @param maxPollBytes what the inputs and heartbeat details of one poll's tasks may have together
   */
  public Tasks(
      Vertx vertx,
      JobStore store,
      WakeupSource wakeups,
      Semaphore places,
      int maxPollBytes,
      ReportLimits limits,
      Metrics metrics) {
    this.store = store;
    this.parked = new ParkedPolls(vertx, store, wakeups, places);
    this.maxPollBytes = maxPollBytes;
    this.limits = limits;
    this.metrics = metrics;
    store.takeAlong(this::waitingFor);
  }

  /**
   * Leases tasks, as many as one answer may have, or waits for the first that can be leased.
   *
   * @param wait zero = answer at once
   */
  public Poll poll(LeaseRequest request, Duration wait) {
    return counted(parked.poll(request.withMaxBytes(maxPollBytes), wait));
  }

  /** The same from several queues together. */
  public Poll poll(PollRequest request, Duration wait) {
    if (request.queues().size() == 1) {
      TaskQueue queue = request.queues().get(0).queue();
      return poll(request.of(queue, request.maxTasks(), maxPollBytes), wait);
    }
    return counted(parked.poll(request, maxPollBytes, wait));
  }

  private Poll counted(Poll poll) {
    poll.answer().onSuccess(result -> leased(result.tasks()));
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
   * Asks for more tasks for whoever has just reported: an ordinary poll, for the queue and under
   * the name of the lease that was reported on.
   */
  public Poll next(
      Leaseholder holder, int maxTasks, Duration wait, @Nullable Double maxTasksPerSecond) {
    return poll(
        new LeaseRequest(holder.queue(), maxTasks, holder.worker(), false, maxTasksPerSecond),
        wait);
  }

  /**
   * Ends an attempt and its job with a result. One that is too long fails the attempt for good and
   * is refused as {@link Refusal#RESULT_TOO_LARGE}.
   */
  public Future<ReportResult> complete(Completion completion) {
    Failure tooLarge = ResultTooLarge.ofResult(completion.result(), limits);
    return tooLarge == null
        ? counted(store.complete(completion))
        : tooLarge(completion.token(), tooLarge, completion.response());
  }

  /**
   * Ends an attempt with a failure, cut to what is kept of it. Heartbeat details that are too long
   * take its place, as of a result.
   */
  public Future<ReportResult> fail(FailureReport report) {
    Failure tooLarge = ResultTooLarge.ofDetails(report.heartbeatDetails(), limits);
    return tooLarge == null
        ? counted(store.fail(cut(report)))
        : tooLarge(report.token(), tooLarge, report.response());
  }

  /** Ends an attempt as canceled, and its job with it; details that are too long fail it. */
  public Future<ReportResult> canceled(Cancellation cancellation) {
    Failure tooLarge = ResultTooLarge.ofDetails(cancellation.details(), limits);
    return tooLarge == null
        ? counted(store.canceled(cancellation))
        : tooLarge(cancellation.token(), tooLarge, null);
  }

  /** Stores a heartbeat; details that are too long fail the attempt for good, as a result does. */
  public Future<HeartbeatResult> heartbeat(HeartbeatReport report) {
    Failure tooLarge = ResultTooLarge.ofDetails(report.details(), limits);
    return tooLarge == null
        ? store.heartbeat(report)
        : counted(store.fail(new FailureReport(report.token(), tooLarge, null)))
            .map(answer -> Reports.tooLargeBeat(answer, tooLarge));
  }

  private Future<ReportResult> tooLarge(
      TaskToken token, Failure failure, @Nullable DeliveryResponse response) {
    return counted(store.fail(new FailureReport(token, failure, response)))
        .map(answer -> Reports.tooLarge(answer, failure));
  }

  private FailureReport cut(FailureReport report) {
    return new FailureReport(
        report.token(),
        FailureCut.to(limits.maxFailureBytes(), report.failure()),
        report.heartbeatDetails(),
        report.response(),
        report.next());
  }

  private Future<ReportResult> counted(Future<ReportResult> report) {
    return report.onSuccess(answer -> Reports.count(metrics, answer));
  }

  /** Gives leases back unworked; answers with the tokens that no longer hold. */
  public Future<List<TaskToken>> handBack(List<TaskToken> tokens) {
    return tokens.isEmpty() ? Future.succeededFuture(List.of()) : store.handBack(tokens);
  }

  /** Answers every poll with nothing, those that wait and those that come later. */
  public void close() {
    parked.close();
  }

  /**
   * Once closed: succeeds when no lease of a poll is under way any more, and what no poll could be
   * answered with is handed back.
   */
  public Future<Void> settled() {
    return parked.settled();
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
