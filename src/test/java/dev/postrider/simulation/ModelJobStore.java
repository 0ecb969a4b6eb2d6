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
import dev.postrider.simulation.ModelLanes.Caps;
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
  }

  void setNow(long time) {
    now = time;
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
      model.limits.judge(request, List.of(task), null, now);
      judge.judge(atMost(request, 1), node, List.of(task), true, now);
      tasks.add(task);
    }
    Duration nextIn = tasks.size() < request.maxTasks() ? nextIn(request) : null;
    judge.judge(
        atMost(request, request.maxTasks() - tasks.size()), node, List.of(), nextIn != null, now);
    return done(new LeaseResult(tasks, notices, false, Waits.ofWorker(nextIn)));
  }

  private static LeaseRequest atMost(LeaseRequest request, int tasks) {
    return new LeaseRequest(
        request.queue(), tasks, request.worker(), request.builtIn(), request.maxTasksPerSecond());
  }

  /** How long until the worker's own limit lets it have what there is; null = nothing held up. */
  private @Nullable Duration nextIn(LeaseRequest request) {
    Duration soonest = null;
    for (LaneKey lane : leasable(request)) {
      Duration wait = model.limits.nextIn(request, lane.partition(), now);
      boolean due = model.lanes.lane(lane).stream().anyMatch(e -> !e.run().isExpiredInQueue(now));
      if (due && wait != null && (soonest == null || wait.compareTo(soonest) < 0)) {
        soonest = wait;
      }
    }
    return soonest;
  }

  private List<LaneKey> leasable(LeaseRequest request) {
    Caps caps = model.settings.caps().perPartition(model.settings.partitions());
    return model.lanes.lanesOf(request.queue()).stream()
        .filter(l -> model.flight.hasRoom(l, caps))
        .sorted(Comparator.comparingInt(LaneKey::priority))
        .toList();
  }

  /** The most urgent run that may be leased: of a random lane, which is fair enough here. */
  private Optional<ModelRun> next(LeaseRequest request) {
    for (LaneKey lane : leasable(request)) {
      if (model.limits.room(request, lane.partition(), now) < 1) {
        continue;
      }
      for (Entry entry : model.lanes.lane(lane)) {
        if (!entry.run().isExpiredInQueue(now)) {
          return Optional.of(entry.run());
        }
      }
    }
    return Optional.empty();
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
