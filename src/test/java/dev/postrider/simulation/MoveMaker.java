package dev.postrider.simulation;

import dev.postrider.job.JobKey;
import dev.postrider.job.Priority;
import dev.postrider.job.RunId;
import dev.postrider.job.StartRequest;
import dev.postrider.job.TaskToken;
import dev.postrider.simulation.ModelRun.Asked;
import dev.postrider.simulation.Step.Verb;
import dev.postrider.store.Control;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.QueueControl;
import dev.postrider.store.ResetOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the calls of a step out of its seed and what there is to call about. */
final class MoveMaker {
  private final World world;
  private final Random random;
  private final int node;

  MoveMaker(World world, Random random, int node) {
    this.world = world;
    this.random = random;
    this.node = node;
  }

  /** The calls of one step, which all go out in one tick. */
  List<Move<?>> moves(Verb verb) {
    List<Move<?>> moves = new ArrayList<>();
    switch (verb) {
      case START -> starts(moves);
      case LEASE -> leases(moves, false);
      case LEASE_BUILT_IN -> leases(moves, true);
      case HEARTBEAT ->
          tokens().forEach(t -> moves.add(ReportMoves.heartbeat(t, Universe.result(random))));
      case HEARTBEAT_BY_ID -> {
        JobKey key = existingKey();
        moves.add(
            ReportMoves.heartbeatById(key, runId(key), attempt(), Universe.result(random), own()));
      }
      case CANCELED ->
          canceled()
              .forEach(t -> moves.add(ReportMoves.canceled(t, Universe.result(random), next())));
      case COMPLETE -> completions(moves);
      case FAIL -> failures(moves);
      case NOTIFY_AGAIN -> moves.add(ReportMoves.notifyAgain(tokens()));
      case HAND_BACK -> handBack(moves);
      case REPEAT_REPORT -> repeat(moves);
      case COMPLETE_AND_LEASE -> {
        completions(moves);
        leases(moves, random.nextBoolean());
      }
      case FAIL_AND_LEASE -> {
        failures(moves);
        leases(moves, random.nextBoolean());
      }
      case START_AND_LEASE -> {
        starts(moves);
        leases(moves, random.nextBoolean());
      }
      case START_WHILE_WAITING -> {
        List<Move<?>> starts = new ArrayList<>();
        starts(starts);
        moves.add(
            new EagerStartMove(
                starts.stream().map(StartMove.class::cast).toList(),
                leaseRequest(random.nextBoolean()),
                node));
      }
      case CANCEL -> moves.add(ControlMoves.cancel(control(), own()));
      case TERMINATE -> moves.add(ControlMoves.terminate(control(), own()));
      case PAUSE -> moves.add(ControlMoves.pause(control(), own()));
      case RESET ->
          moves.add(
              ControlMoves.reset(
                  control(),
                  new ResetOptions(
                      random.nextBoolean(),
                      random.nextInt(3) == 0,
                      jitter(),
                      random.nextInt(3) == 0),
                  own()));
      case UPDATE_LIMITS ->
          moves.add(
              QueueMoves.updateLimits(
                  queueControl(),
                  new RandomLimits(random, world.model.settings.partitions()).change()));
      case PAUSE_QUEUE -> moves.add(QueueMoves.pause(queueControl()));
      case UNPAUSE_QUEUE -> moves.add(QueueMoves.unpause(queueControl()));
      case DESCRIBE_QUEUE -> {
        moves.add(QueueMoves.describe(Universe.queue(random)));
        moves.add(QueueMoves.list(Universe.pick(random, Universe.NAMESPACES)));
      }
      case UPDATE_OPTIONS -> {
        OptionsChange change = OptionsChange.of(random);
        moves.add(ControlMoves.updateOptions(control(), change.toString(), change, own()));
      }
      case RESTORE_OPTIONS -> moves.add(ControlMoves.restoreOptions(control(), own()));
      case UNPAUSE -> moves.add(ControlMoves.unpause(control(), jitter(), own()));
      case RETRY_NOW -> moves.add(ControlMoves.retryNow(control(), own()));
      case RERUN -> moves.add(ControlMoves.rerun(control(), own()));
      case COMPLETE_BY_ID -> {
        JobKey key = existingKey();
        moves.add(
            ReportMoves.completeById(key, runId(key), attempt(), Universe.result(random), own()));
      }
      case FAIL_BY_ID -> {
        JobKey key = existingKey();
        moves.add(
            ReportMoves.failById(key, runId(key), attempt(), Universe.failure(random), own()));
      }
      case DELETE -> {
        JobKey key = existingKey();
        moves.add(ControlMoves.delete(key, runId(key)));
      }
      default -> throw new IllegalArgumentException(verb + " calls nothing");
    }
    return moves;
  }

  /** Calls whose effect can be told without their replies. */
  List<Move<?>> movesThatMayBeLost() {
    Verb[] verbs = {
      Verb.START, Verb.LEASE, Verb.LEASE_BUILT_IN, Verb.COMPLETE, Verb.FAIL, Verb.HAND_BACK,
      Verb.CANCEL, Verb.TERMINATE, Verb.UNPAUSE, Verb.RETRY_NOW, Verb.RERUN, Verb.COMPLETE_BY_ID,
      Verb.FAIL_BY_ID, Verb.HEARTBEAT, Verb.HEARTBEAT_BY_ID, Verb.CANCELED, Verb.PAUSE, Verb.RESET,
      Verb.RESTORE_OPTIONS
    };
    Verb verb = verbs[random.nextInt(verbs.length)];
    if (random.nextInt(8) == 0 && world.model.settings.partitions() == 1) {
      // of several partitions, only some would have changed until it is sent again
      verb =
          Universe.pick(random, List.of(Verb.UPDATE_LIMITS, Verb.PAUSE_QUEUE, Verb.UNPAUSE_QUEUE));
    }
    List<Move<?>> moves = moves(verb);
    return verb == Verb.LEASE || verb == Verb.LEASE_BUILT_IN ? moves.subList(0, 1) : moves;
  }

  private String own() {
    return world.uniqueRequestId();
  }

  private void starts(List<Move<?>> moves) {
    Set<JobKey> keys = new HashSet<>();
    Map<Object, Double> weights = new HashMap<>();
    int count = random.nextInt(3) == 0 ? 1 + random.nextInt(8) : 1;
    for (int i = 0; i < count; i++) {
      StartRequest request = Universe.start(random, world.now);
      Priority priority = request.options().priority();
      // which of two weights in one batch is the latest is nobody's business
      Object place =
          List.of(request.key().namespace(), request.taskQueue(), priority.fairnessKey());
      Double weight = weights.computeIfAbsent(place, any -> priority.fairnessWeight());
      if (weight == priority.fairnessWeight() && keys.add(request.key())) {
        moves.add(new StartMove(request));
      }
    }
  }

  private void leases(List<Move<?>> moves, boolean builtIn) {
    int calls = random.nextInt(4) == 0 ? 2 : 1;
    for (int i = 0; i < calls; i++) {
      moves.add(new LeaseMove(leaseRequest(builtIn), node));
    }
  }

  private LeaseRequest leaseRequest(boolean builtIn) {
    String worker =
        builtIn ? world.builtInWorker(node) : "worker " + (char) ('a' + random.nextInt(3));
    Double rate = builtIn ? null : Universe.rateOf(worker);
    return new LeaseRequest(Universe.queue(random), 1 + random.nextInt(6), worker, builtIn, rate);
  }

  private void completions(List<Move<?>> moves) {
    tokens().forEach(t -> moves.add(ReportMoves.complete(t, Universe.result(random), next())));
  }

  private void failures(List<Move<?>> moves) {
    tokens().forEach(t -> moves.add(fail(t)));
  }

  private Move<?> fail(TaskToken token) {
    boolean beats = random.nextInt(4) == 0;
    return ReportMoves.fail(
        token, Universe.failure(random), beats ? Universe.result(random) : null, next());
  }

  private boolean next() {
    return random.nextInt(4) == 0;
  }

  /** Tokens of attempts whose jobs' cancellation was requested, if there are any. */
  private List<TaskToken> canceled() {
    List<TaskToken> asked =
        world.tokens.stream()
            .filter(world::holds)
            .filter(t -> world.model.latest(t.key()).orElseThrow().asked == Asked.CANCEL)
            .toList();
    return asked.isEmpty() || random.nextInt(4) == 0
        ? tokens()
        : List.of(Universe.pick(random, asked));
  }

  private void handBack(List<Move<?>> moves) {
    List<TaskToken> tokens = tokens();
    if (!tokens.isEmpty()) {
      moves.add(ReportMoves.handBack(tokens));
    }
  }

  private void repeat(List<Move<?>> moves) {
    if (!world.reported.isEmpty()) {
      TaskToken token =
          world.reported.get(
              world.reported.size() - 1 - random.nextInt(Math.min(4, world.reported.size())));
      switch (random.nextInt(4)) {
        case 0 -> moves.add(ReportMoves.complete(token, Universe.result(random), next()));
        case 1 -> moves.add(fail(token));
        case 2 -> moves.add(ReportMoves.canceled(token, Universe.result(random), next()));
        default -> moves.add(ReportMoves.heartbeat(token, Universe.result(random)));
      }
    }
  }

  /** Some tokens, each of another job: mostly ones that hold. */
  private List<TaskToken> tokens() {
    List<TaskToken> held = world.tokens.stream().filter(world::holds).toList();
    List<TaskToken> from = held.isEmpty() || random.nextInt(6) == 0 ? world.tokens : held;
    int count = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1;
    List<TaskToken> tokens = new ArrayList<>();
    Set<JobKey> keys = new HashSet<>();
    for (int i = 0; i < count && !from.isEmpty(); i++) {
      TaskToken token = Universe.pick(random, from);
      if (keys.add(token.key())) {
        tokens.add(token);
      }
    }
    return tokens;
  }

  private Control control() {
    JobKey key = existingKey();
    return new Control(key, runId(key), Universe.reason(random), Universe.requestId(random));
  }

  private QueueControl queueControl() {
    return new QueueControl(
        Universe.queue(random), Universe.reason(random), Universe.requestId(random));
  }

  private Duration jitter() {
    return random.nextInt(3) == 0 ? Duration.ofMillis(random.nextInt(3_000)) : Duration.ZERO;
  }

  private @Nullable Integer attempt() {
    return random.nextInt(3) == 0 ? 1 + random.nextInt(3) : null;
  }

  /** Mostly the key of a job that is there. */
  private JobKey existingKey() {
    List<ModelRun> runs = world.model.all().toList();
    return runs.isEmpty() || random.nextInt(12) == 0
        ? Universe.key(random)
        : Universe.pick(random, runs).birth.key();
  }

  /** Mostly none, at times that of the latest or of an older run, or of none at all. */
  private @Nullable RunId runId(JobKey key) {
    if (random.nextInt(3) != 0) {
      return null;
    }
    List<ModelRun> runs = world.model.all().filter(run -> run.birth.key().equals(key)).toList();
    Optional<ModelRun> run =
        runs.isEmpty() ? Optional.empty() : Optional.of(Universe.pick(random, runs));
    return run.map(r -> r.birth.runId()).orElse(new RunId(random.nextLong()));
  }
}
