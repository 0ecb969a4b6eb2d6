package dev.postrider.store.redis;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.StartRequest;
import dev.postrider.job.TaskToken;
import dev.postrider.redis.Script;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.Described;
import dev.postrider.store.EagerLeases;
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
import dev.postrider.store.TimerListener;
import dev.postrider.store.UpdateOptionsResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Keeps jobs in Redis, moved by the scripts of {@code lua/}. */
public final class RedisJobStore implements JobStore {
  private final Calls calls;
  private final Keys keys;
  private final TimerListener timers;
  private final List<Outbox> outboxes = new ArrayList<>();
  private final TaskLeases leases;
  private final Unworked unworked;
  private final TaskReports reports;
  private final StartLog log;

  /**
   * Makes a store on the current event loop.
   *
   * @param random of cryptographic strength, but in tests: fences and nonces come from it
   */
  public RedisJobStore(
      Vertx vertx,
      ScriptRunner runner,
      StoreSettings settings,
      Random random,
      TimerListener timers) {
    this.calls = new Calls(vertx, runner, settings, random);
    this.keys = new Keys(settings.partitions());
    this.timers = timers;
    this.log = new StartLog(calls, keys);
    RateLimiters limiters = new RateLimiters(calls, keys);
    this.unworked = new Unworked(calls, keys, limiters);
    this.leases = new TaskLeases(calls, keys, outboxes, unworked, limiters, timers);
    for (int p = 0; p < settings.partitions(); p++) {
      int partition = p;
      outboxes.add(
          new Outbox(
              vertx, calls, keys, settings, p, queue -> leases.waitingFor(partition, queue)));
    }
    this.reports = new TaskReports(keys, outboxes, timers);
  }

  /** Reads the scripts from the class path, once; blocks, so it is done before event loops run. */
  public static void loadScripts() {
    if (Scripts.ALL.isEmpty()) {
      throw new IllegalStateException("there are no scripts");
    }
  }

  @Override
  public void takeAlong(EagerLeases waiting) {
    leases.takeAlong(waiting);
  }

  @Override
  public Future<StartResult> start(StartRequest request) {
    String name = Keys.name(request.key());
    int partition = keys.partitionOf(name);
    NewRecord made = NewRecord.of(request, new RunId(calls.randomBits()), calls.randomBits());
    return outboxes
        .get(partition)
        .start(name, Replies.group(request), made)
        .compose(
            reply -> {
              if (reply.tag() == null) {
                Job job = Replies.started(request, made.runId(), reply.nowMs());
                armed(partition, reply.nowMs(), job);
                return Future.succeededFuture(new StartResult.Started(job));
              }
              return existing(request.key(), reply);
            });
  }

  private Future<StartResult> existing(JobKey key, Outbox.StartReply reply) {
    Buffer what = reply.what();
    if (what == null) {
      throw new IllegalStateException("start.lua answered " + reply.tag() + " of nothing");
    }
    return switch (String.valueOf(reply.tag())) {
      case "already_started" ->
          Future.succeededFuture(new StartResult.AlreadyStarted(new RunId(what.getLong(0))));
      case "payload_mismatch" ->
          Future.succeededFuture(new StartResult.PayloadMismatch(new RunId(what.getLong(0))));
      case "started", "existing" -> {
        JobRecord record = new JobRecord(what);
        yield describe(key, record.runId())
            .map(
                described -> {
                  Job job =
                      described
                          .map(Described::job)
                          .orElseGet(() -> JobReader.read(key, record, JobReader.Beside.NOTHING));
                  return "started".equals(reply.tag())
                      ? new StartResult.Started(job)
                      : new StartResult.Existing(job);
                });
      }
      default -> throw new IllegalStateException("start.lua answered " + reply.tag());
    };
  }

  private void armed(int partition, long nowMs, Job job) {
    Instant next = job.times().nextAttemptAt();
    if (next != null) {
      timers.armed(partition, Duration.ofMillis(next.toEpochMilli() - nowMs));
    }
  }

  @Override
  public Future<LeaseResult> lease(LeaseRequest request) {
    return leases.lease(request);
  }

  @Override
  public Future<ReportResult> complete(Completion completion) {
    return reports.complete(completion);
  }

  @Override
  public Future<ReportResult> fail(FailureReport report) {
    return reports.fail(report);
  }

  @Override
  public Future<ReportResult> canceled(Cancellation cancellation) {
    return reports.canceled(cancellation);
  }

  @Override
  public Future<HeartbeatResult> heartbeat(HeartbeatReport report) {
    return reports.heartbeat(report);
  }

  @Override
  public Future<List<TaskToken>> handBack(List<TaskToken> tokens) {
    return unworked.handBack(tokens);
  }

  @Override
  public Future<Void> notifyAgain(List<TaskToken> tokens) {
    return unworked.notifyAgain(tokens);
  }

  @Override
  public Future<ReportResult> completeById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer result,
      @Nullable String requestId) {
    return run(
            Scripts.COMPLETE_BY_ID,
            key,
            runId,
            attempt == null ? "" : attempt.toString(),
            requestId(requestId),
            Replies.outcome(result))
        .map(reply -> Replies.reportById(key, reply));
  }

  @Override
  public Future<ReportResult> failById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      Failure failure,
      @Nullable String requestId) {
    return run(
            Scripts.FAIL_BY_ID,
            key,
            runId,
            attempt == null ? "" : attempt.toString(),
            requestId(requestId),
            failure.type(),
            Replies.how(failure),
            Failures.pack(failure))
        .map(reply -> Replies.reportById(key, reply));
  }

  @Override
  public Future<HeartbeatResult> heartbeatById(
      JobKey key, @Nullable RunId runId, @Nullable Integer attempt, @Nullable Buffer details) {
    return run(
            Scripts.HEARTBEAT_BY_ID,
            key,
            runId,
            attempt == null ? "" : attempt.toString(),
            requestId(null),
            details == null ? "" : details)
        .map(Replies::heartbeat);
  }

  @Override
  public Future<ControlResult> pause(Control control) {
    return control(Scripts.PAUSE, control);
  }

  @Override
  public Future<ControlResult> reset(Control control, ResetOptions options) {
    return control(
        Scripts.RESET,
        control,
        options.keepPaused() ? "k" : "",
        Long.toString(options.jitter().toMillis()),
        (options.resetHeartbeat() ? "h" : "") + (options.restoreOriginalOptions() ? "o" : ""));
  }

  @Override
  public Future<UpdateOptionsResult> updateOptions(
      Control control, UnaryOperator<AdjustableOptions> change) {
    return armed(control, optionsUpdate(control).change(change));
  }

  @Override
  public Future<UpdateOptionsResult> restoreOptions(Control control) {
    return armed(control, optionsUpdate(control).restore());
  }

  private OptionsUpdate optionsUpdate(Control control) {
    String requestId = requestId(control.requestId());
    String reason = control.reason() == null ? "" : control.reason();
    return new OptionsUpdate(
        control.key(),
        (from, to) ->
            run(
                Scripts.UPDATE_OPTIONS,
                control.key(),
                control.runId(),
                requestId,
                reason,
                from,
                to),
        runId -> describe(control.key(), runId));
  }

  /** Deadlines of every kind may have come nearer. */
  private Future<UpdateOptionsResult> armed(Control control, Future<UpdateOptionsResult> update) {
    int partition = keys.partitionOf(Keys.name(control.key()));
    return update.onSuccess(
        result -> {
          if (result instanceof UpdateOptionsResult.Applied) {
            timers.armed(partition, Duration.ZERO);
          }
        });
  }

  @Override
  public Future<ControlResult> cancel(Control control) {
    return control(Scripts.CANCEL, control);
  }

  @Override
  public Future<ControlResult> terminate(Control control) {
    return control(Scripts.TERMINATE, control);
  }

  @Override
  public Future<ControlResult> unpause(Control control, Duration jitter) {
    return control(Scripts.UNPAUSE, control, Long.toString(jitter.toMillis()));
  }

  @Override
  public Future<ControlResult> retryNow(Control control) {
    return control(Scripts.RETRY_NOW, control);
  }

  @Override
  public Future<RerunResult> rerun(Control control) {
    return run(
            Scripts.RERUN,
            control.key(),
            control.runId(),
            requestId(control.requestId()),
            control.reason() == null ? "" : control.reason(),
            Buffer.buffer().appendLong(calls.randomBits()))
        .compose(
            reply -> {
              RerunResult refused = Replies.rerunRefused(reply);
              if (refused != null) {
                return Future.succeededFuture(refused);
              }
              JobRecord record = new JobRecord(reply.get(1).toBuffer());
              return describe(control.key(), record.runId())
                  .map(
                      described ->
                          new RerunResult.Started(
                              described
                                  .map(Described::job)
                                  .orElseGet(
                                      () ->
                                          JobReader.read(
                                              control.key(), record, JobReader.Beside.NOTHING))));
            });
  }

  @Override
  public Future<Boolean> delete(JobKey key, @Nullable RunId runId) {
    String name = Keys.name(key);
    int partition = keys.partitionOf(name);
    List<Object> arguments = calls.arguments();
    arguments.add(runIdBytes(runId));
    AtomicInteger sent = new AtomicInteger();
    return calls
        .run(
            Scripts.DELETE,
            List.of(keys.meta(partition), keys.job(partition, name)),
            arguments,
            sent::incrementAndGet)
        // of a deleted run nothing is left to tell by that it was this call
        .map(reply -> "ok".equals(reply.get(0).toString()) || sent.get() > 1);
  }

  @Override
  public Future<Optional<Described>> describe(JobKey key, @Nullable RunId runId) {
    return run(Scripts.DESCRIBE, key, runId).map(reply -> Replies.described(key, reply));
  }

  @Override
  public Future<JobPage> list(String namespace, @Nullable String cursor, int limit) {
    return log.read(namespace, cursor, limit);
  }

  private Future<ControlResult> control(Script script, Control control, Object... more) {
    Object[] arguments = new Object[2 + more.length];
    arguments[0] = requestId(control.requestId());
    arguments[1] = control.reason() == null ? "" : control.reason();
    System.arraycopy(more, 0, arguments, 2, more.length);
    int partition = keys.partitionOf(Keys.name(control.key()));
    return run(script, control.key(), control.runId(), arguments)
        .map(
            reply -> {
              ControlResult result = Replies.control(script, control.key(), reply);
              if (result instanceof ControlResult.Applied applied
                  && applied.run().nextAttemptAt() != null) {
                timers.armed(partition, Duration.ZERO);
              }
              return result;
            });
  }

  /** A request id of the node's own, where the caller gave none, lets a lost call be sent again. */
  private String requestId(@Nullable String given) {
    return given != null ? given : "\u0001" + new RunId(calls.randomBits());
  }

  private Future<Response> run(Script script, JobKey key, @Nullable RunId runId, Object... more) {
    String name = Keys.name(key);
    int partition = keys.partitionOf(name);
    List<Object> arguments = calls.arguments();
    arguments.add(runIdBytes(runId));
    arguments.addAll(List.of(more));
    return calls.run(script, List.of(keys.meta(partition), keys.job(partition, name)), arguments);
  }

  private static Object runIdBytes(@Nullable RunId runId) {
    return runId == null ? "" : Buffer.buffer().appendLong(runId.bits());
  }
}
