package dev.postrider.simulation;

import dev.postrider.job.RunId;
import dev.postrider.job.Task;
import dev.postrider.job.TaskToken;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Waits;
import dev.postrider.store.Wakeup;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Leases tasks. */
final class LeaseMove extends Move<LeaseResult> {
  /** Stands for the nonce of a lease whose reply was lost. */
  static final long UNKNOWN = 0;

  private final LeaseRequest request;
  private final int node;

  /** It came along with a start, which may leave notices to the next call. */
  private final boolean eager;

  private final NoticeJudge notices;
  private final Map<RunId, ModelRun> unheardOf = new LinkedHashMap<>();

  LeaseMove(LeaseRequest request, int node) {
    this(request, node, false);
  }

  LeaseMove(LeaseRequest request, int node, boolean eager) {
    super("node " + node + " leases " + Brief.of(request));
    this.request = request;
    this.node = node;
    this.eager = eager;
    this.notices = new NoticeJudge(request);
  }

  @Override
  Future<LeaseResult> send(Rig rig, int on) {
    return rig.store(on).lease(request);
  }

  @Override
  void follow(World world, @Nullable LeaseResult answer) {
    world.model.queues.of(request.queue()).polls.put(request.worker(), world.now);
    if (answer != null) {
      // one that came along has asked only the partition of a start
      boolean stopped = answer.more() || (eager && world.model.settings.partitions() > 1);
      world.judge.judge(request, node, answer.tasks(), stopped, answer.waits(), world.now);
      world.given(answer.tasks());
      if (answer.tasks().size() < request.maxTasks() && !stopped) {
        world.unsatisfied.left(request.queue(), answer.waits());
      }
      boolean all =
          world.model.settings.partitions() == 1
              || (answer.tasks().size() < request.maxTasks() && !answer.more());
      notices.judge(world.model, answer.notices());
      if (all && !request.builtIn() && !eager) {
        world.askedAll.add(new Wakeup.Noticed(request.queue().namespace(), request.worker()));
      }
      return;
    }
    notices.unheard(world.model);
    List<Task> tasks = new ArrayList<>();
    world
        .model
        .lanes
        .runsOf(request.queue())
        .filter(world.seen::leased)
        .forEach(
            run -> {
              tasks.add(unheard(run, world.now));
              unheardOf.put(run.birth.runId(), run);
            });
    world.judge.judge(request, node, tasks, true, Waits.NONE, world.now);
  }

  private Task unheard(ModelRun run, long now) {
    long stops = ModelRun.after(now, run.options.timeouts().startToClose());
    long silent = ModelRun.after(now, run.options.timeouts().heartbeat());
    long ends = Math.min(run.expiresAt, request.builtIn() ? stops : Math.min(stops, silent));
    return new Task(
        new TaskToken(run.birth.key(), run.attempt, UNKNOWN),
        run.birth.runId(),
        run.birth.type(),
        run.queue(),
        run.birth.content().input(),
        run.heartbeatDetails,
        run.options,
        Instant.ofEpochMilli(run.dispatchAt),
        Instant.ofEpochMilli(now),
        Instant.ofEpochMilli(ends));
  }

  @Override
  void followAgain(World world, LeaseResult answer) {
    List<Task> more = new ArrayList<>();
    for (Task task : answer.tasks()) {
      ModelRun run = unheardOf.remove(task.runId());
      if (run == null) {
        more.add(task);
      } else {
        TaskToken unknown = new TaskToken(run.birth.key(), task.token().attempt(), UNKNOWN);
        World.same("what holds of " + run, unknown, run.token);
        World.same("startedAt", Instant.ofEpochMilli(run.startedAt), task.startedAt());
        run.token = task.token();
      }
    }
    if (!more.isEmpty() && world.model.settings.partitions() == 1) {
      throw new IllegalMove("a lease sent again was given new tasks: " + more);
    }
    for (ModelRun run : unheardOf.values()) {
      if (run.isRunning()
          && run.token.nonce() == UNKNOWN
          && world.model.settings.partitions() == 1) {
        throw new IllegalMove("a lease sent again was not told that it holds " + run);
      }
    }
    int left = request.maxTasks() - (answer.tasks().size() - more.size());
    LeaseRequest rest =
        new LeaseRequest(
            request.queue(),
            left,
            request.worker(),
            request.builtIn(),
            request.maxTasksPerSecond());
    boolean all = world.model.settings.partitions() == 1;
    notices.judgeAgain(world.model, answer.notices(), all);
    world.judge.judge(rest, node, more, true, Waits.NONE, world.now);
    world.given(answer.tasks());
  }
}
