package dev.postrider.simulation;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Notice;
import dev.postrider.job.RunId;
import dev.postrider.job.StartRequest;
import dev.postrider.job.Task;
import dev.postrider.job.TaskToken;
import dev.postrider.simulation.ModelLanes.Entry;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.Described;
import dev.postrider.store.Duties;
import dev.postrider.store.EventPosition;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.JobPage;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RerunResult;
import dev.postrider.store.ResetOptions;
import dev.postrider.store.StartResult;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.UpdateOptionsResult;
import dev.postrider.store.Waits;
import dev.postrider.store.Wakeup;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The model behind the store's own interface, so that the contract and the simulation can be tried
 * on it: what they say of the store is worth what they say of this.
 */
final class ModelJobStore implements JobStore, Duties {
  private final Random random;
  final ModelStore model;
  private final ModelReports reports;
  private final ModelControls controls;
  private final ModelOptions options;
  private final ModelDuties duties;
  private final LeaseJudge judge;
  private final ModelTurns turns;
  private int node;
  private long now;

  ModelJobStore(ModelStore.Settings settings, long seed) {
    this.random = new Random(seed);
    this.model =
        new ModelStore(
            settings,
            new Choice() {
              @Override
              public long moment(ModelRun run, long from, long to) {
                return from + (long) (random.nextDouble() * (double) (to - from + 1));
              }

              @Override
              public boolean reached(ModelRun run) {
                return true;
              }
            });
    this.reports = new ModelReports(model);
    this.controls = new ModelControls(model);
    this.options = new ModelOptions(model);
    this.duties = new ModelDuties(model, reports);
    this.judge = new LeaseJudge(model, duties);
    this.turns = new ModelTurns(model.weights);
  }

  void setNow(long time) {
    now = time;
    model.pass(time);
  }

  TaskQueues queues() {
    return new ModelTaskQueues(model, () -> now);
  }

  ModelJobStore on(int callingNode) {
    node = callingNode;
    return this;
  }

  private <T> Future<T> done(T result) {
    duties.noteMoments(now);
    return Future.succeededFuture(result);
  }

  @Override
  public Future<StartResult> start(StartRequest request) {
    model.nextBatch();
    IdRules.Answer answer = model.answerTo(request);
    ModelRun run = model.start(request, new RunId(random.nextLong()), now);
    return done(
        switch (answer) {
          case NEW_RUN, TERMINATE_THEN_NEW_RUN -> new StartResult.Started(run.describe());
          case EXISTING -> new StartResult.Existing(run.describe());
          case ALREADY_STARTED -> new StartResult.AlreadyStarted(run.birth.runId());
          case PAYLOAD_MISMATCH -> new StartResult.PayloadMismatch(run.birth.runId());
        });
  }

  @Override
  public Future<LeaseResult> lease(LeaseRequest request) {
    long nonce = random.nextLong();
    List<Notice> notices = new ArrayList<>();
    for (ModelRun run :
        List.copyOf(
            model.notices.pending(
                new Wakeup.Noticed(request.queue().namespace(), request.worker())))) {
      notices.add(new Notice(run.token, run.requested()));
      model.notices.told(run);
    }
    List<Task> tasks = new ArrayList<>();
    while (tasks.size() < request.maxTasks()) {
      Optional<ModelRun> next = next(request);
      if (next.isEmpty()) {
        break;
      }
      Task task = task(next.get(), request, nonce);
      judge.judge(request.withMaxTasks(1), node, List.of(task), true, Waits.NONE, now);
      tasks.add(task);
    }
    model.queues.of(request.queue()).polls.put(request.worker(), now);
    boolean less = tasks.size() < request.maxTasks();
    Waits waits = less ? waits(request) : Waits.NONE;
    judge.judge(request, node, List.of(), !less, waits, now);
    return done(new LeaseResult(tasks, notices, false, waits));
  }

  /** What holds up what is left, and how long it surely does at most. */
  private Waits waits(LeaseRequest request) {
    ModelBucket queue = model.limits.ofQueue(request.queue());
    if (model.queues.isPaused(request.queue()) || queue.isStopped()) {
      return new Waits(null, null, Waits.UNTIL_OPENED);
    }
    Waits waits = Waits.NONE;
    for (LaneKey lane : model.lanes.lanesOf(request.queue())) {
      boolean due = model.lanes.lane(lane).stream().anyMatch(e -> !e.run().isExpiredInQueue(now));
      if (due && model.flight.hasRoom(lane, model.caps(lane))) {
        ModelBucket worker = model.limits.ofWorker(request, lane.partition());
        Duration own = worker == null ? null : wait(List.of(worker));
        waits = waits.and(new Waits(own, wait(model.limits.ofLane(lane)), wait(List.of(queue))));
      }
    }
    return waits;
  }

  private static boolean gives(@Nullable ModelBucket worker) {
    return worker == null || worker.surelyGives();
  }

  /** How long until all of these give; null = they do, or one of them never will. */
  private static @Nullable Duration wait(List<ModelBucket> limits) {
    List<ModelBucket> stopping = limits.stream().filter(each -> !each.surelyGives()).toList();
    return stopping.isEmpty() || stopping.stream().anyMatch(ModelBucket::isStopped)
        ? null
        : Duration.ofMillis(stopping.stream().mapToLong(ModelBucket::waitAtMost).max().getAsLong());
  }

  private List<LaneKey> leasable(LeaseRequest request) {
    return model.lanes.lanesOf(request.queue()).stream()
        .filter(lane -> !model.queues.isPaused(lane.queue()))
        .filter(lane -> model.flight.hasRoom(lane, model.caps(lane)))
        .filter(lane -> model.limits.haveRoom(lane))
        .filter(lane -> model.limits.ofQueue(lane.queue()).surelyGives())
        .filter(
            lane -> model.lanes.lane(lane).stream().anyMatch(e -> !e.run().isExpiredInQueue(now)))
        .filter(lane -> gives(model.limits.ofWorker(request, lane.partition())))
        .sorted(Comparator.comparingInt(LaneKey::priority))
        .toList();
  }

  /** The run whose turn it is, of the most urgent that may be leased. */
  private Optional<ModelRun> next(LeaseRequest request) {
    List<LaneKey> lanes = leasable(request);
    if (lanes.isEmpty()) {
      return Optional.empty();
    }
    int priority = lanes.get(0).priority();
    LaneKey lane = turns.next(lanes.stream().filter(l -> l.priority() == priority).toList());
    turns.taken(lane);
    return model.lanes.lane(lane).stream()
        .map(Entry::run)
        .filter(run -> !run.isExpiredInQueue(now))
        .findFirst();
  }

  private Task task(ModelRun run, LeaseRequest request, long nonce) {
    JobOptions options = run.options;
    long deadline = Math.min(run.expiresAt, ModelRun.after(now, options.timeouts().startToClose()));
    if (!request.builtIn()) {
      deadline = Math.min(deadline, ModelRun.after(now, options.timeouts().heartbeat()));
    }
    return new Task(
        new TaskToken(run.birth.key(), run.attempt, nonce),
        run.birth.runId(),
        run.birth.type(),
        run.queue(),
        run.birth.content().input(),
        run.heartbeatDetails,
        options,
        Instant.ofEpochMilli(run.dispatchAt),
        Instant.ofEpochMilli(now),
        Instant.ofEpochMilli(deadline));
  }

  @Override
  public Future<ReportResult> complete(Completion completion) {
    return done(reports.complete(completion, now));
  }

  @Override
  public Future<ReportResult> fail(FailureReport report) {
    return done(reports.fail(report, now));
  }

  @Override
  public Future<List<TaskToken>> handBack(List<TaskToken> tokens) {
    return done(reports.handBack(tokens, now));
  }

  @Override
  public Future<ReportResult> completeById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer result,
      @Nullable String requestId) {
    Supplier<ReportResult> move = () -> reports.completeById(key, runId, attempt, result, now);
    return done(
        requestId == null ? move.get() : reports.byId(key, runId, "complete", requestId, move));
  }

  @Override
  public Future<ReportResult> failById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      Failure failure,
      @Nullable String requestId) {
    Supplier<ReportResult> move = () -> reports.failById(key, runId, attempt, failure, now);
    return done(requestId == null ? move.get() : reports.byId(key, runId, "fail", requestId, move));
  }

  @Override
  public Future<ReportResult> canceled(Cancellation cancellation) {
    return done(reports.canceled(cancellation, now));
  }

  @Override
  public Future<Void> notifyAgain(List<TaskToken> tokens) {
    reports.notifyAgain(tokens);
    return done(null);
  }

  @Override
  public Future<HeartbeatResult> heartbeat(HeartbeatReport report) {
    return done(reports.heartbeat(report, now));
  }

  @Override
  public Future<HeartbeatResult> heartbeatById(
      JobKey key, @Nullable RunId runId, @Nullable Integer attempt, @Nullable Buffer details) {
    return done(reports.heartbeatById(key, runId, attempt, details, null, now));
  }

  @Override
  public Future<ControlResult> pause(Control control) {
    return done(controls.pause(control));
  }

  @Override
  public Future<ControlResult> reset(Control control, ResetOptions how) {
    return done(controls.reset(control, how, now));
  }

  @Override
  public Future<UpdateOptionsResult> updateOptions(
      Control control, UnaryOperator<AdjustableOptions> change) {
    return done(options.update(control, change, now));
  }

  @Override
  public Future<UpdateOptionsResult> restoreOptions(Control control) {
    return done(options.restore(control, now));
  }

  @Override
  public Future<ControlResult> cancel(Control control) {
    return done(controls.cancel(control, now));
  }

  @Override
  public Future<ControlResult> terminate(Control control) {
    return done(controls.terminate(control, now));
  }

  @Override
  public Future<ControlResult> unpause(Control control, Duration jitter) {
    return done(controls.unpause(control, jitter, now));
  }

  @Override
  public Future<ControlResult> retryNow(Control control) {
    return done(controls.retryNow(control, now));
  }

  @Override
  public Future<RerunResult> rerun(Control control) {
    model.nextBatch();
    return done(
        switch (controls.answerToRerun(control)) {
          case NOT_FOUND -> new RerunResult.NotFound();
          case OPEN -> {
            ModelRun latest = model.latest(control.key()).orElseThrow();
            yield new RerunResult.InvalidState(latest.status, latest.runState);
          }
          case REPEATED ->
              new RerunResult.Started(controls.repeatedRerun(control).orElseThrow().describe());
          case NEW_RUN ->
              new RerunResult.Started(
                  controls.rerun(control, new RunId(random.nextLong()), now).describe());
        });
  }

  @Override
  public Future<Boolean> delete(JobKey key, @Nullable RunId runId) {
    return done(controls.delete(key, runId));
  }

  @Override
  public Future<Optional<Described>> describe(JobKey key, @Nullable RunId runId) {
    return done(
        model
            .find(key, runId)
            .map(run -> new Described(run.describe(), new EventPosition(0, 0, 0))));
  }

  @Override
  public Future<JobPage> list(String namespace, @Nullable String cursor, int limit) {
    return done(ModelPage.of(model, namespace));
  }

  @Override
  public int partitions() {
    return model.settings.partitions();
  }

  @Override
  public Future<Pass> reap(int partition) {
    duties.reap(partition, now);
    return done(pass());
  }

  @Override
  public Future<Pass> expire(int partition) {
    duties.expire(partition, now);
    return done(pass());
  }

  @Override
  public Future<Pass> lapse(int partition) {
    duties.lapse(partition, now);
    return done(pass());
  }

  @Override
  public Future<Void> renew(int partition) {
    duties.nodes(partition).renew(node, now);
    return done(null);
  }

  @Override
  public Future<Void> leave(int partition) {
    duties.nodes(partition).leave(node);
    return done(null);
  }

  @Override
  public Future<Pass> trim(int partition) {
    return done(pass());
  }

  private static Pass pass() {
    return new Pass(0, false, Pass.NEVER);
  }
}
