package dev.postrider.simulation;

import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobState;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.Duties;
import dev.postrider.store.JobPage;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.Wakeup;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Plays a history against a store and the model, and compares them after each step. */
final class Play {
  /** What went wrong, and everything that was done until then. */
  record Result(List<String> trace, @Nullable Throwable failure) {}

  /** Moves whose replies were lost; they are sent again after some more steps. */
  private record Lost(int node, List<Move<?>> moves, List<Future<?>> answers) {}

  private final Rig rig;
  private final World world;
  private final List<String> trace = new ArrayList<>();
  private final Map<ModelRun, List<Object>> closed = new HashMap<>();
  private @Nullable Lost lost;
  private int stepsUntilSentAgain;
  private int compared;

  private Play(Rig rig) {
    this.rig = rig;
    this.world = new World(rig);
  }

  /**
   * Plays the steps to the first difference.
   *
   * @param limits what all queues have at the beginning
   */
  static Result of(Rig rig, LimitsChange limits, List<Step> steps) {
    Play play = new Play(rig);
    int number = 0;
    try {
      play.begin(limits);
      for (Step step : steps) {
        play.trace.add("step " + number++ + " " + step.verb() + " at +" + play.elapsed());
        play.step(step);
      }
      play.sendAgain();
      return new Result(play.trace, null);
    } catch (RuntimeException | AssertionError failure) {
      play.trace.addAll(rig.picture());
      return new Result(play.trace, failure);
    }
  }

  private String elapsed() {
    return (world.now - 1_800_000_000_000L) + " ms";
  }

  private void begin(LimitsChange limits) {
    rig.setNow(world.now);
    for (TaskQueue queue : Universe.queues()) {
      move(0, List.of(QueueMoves.updateLimits(new QueueControl(queue, null, null), limits)));
    }
    rig.wakeups();
    for (int node = 0; node < Rig.NODES; node++) {
      renew(node);
    }
  }

  private void step(Step step) {
    if (lost != null && stepsUntilSentAgain-- <= 0) {
      sendAgain();
    }
    Random random = new Random(step.seed());
    switch (step.verb()) {
      case PASS -> pass(1 + random.nextInt(random.nextInt(4) == 0 ? 4_000 : 900));
      case PASS_TO_NEXT_MOMENT -> passToNextMoment(random);
      case PASS_LONG -> pass(60_000L + random.nextInt(900_000));
      case STEP_BACK -> pass(-1 - random.nextInt(1_500));
      case REAP -> everyPartition("reap", Duties::reap, world.duties::reap);
      case EXPIRE -> everyPartition("expire", Duties::expire, world.duties::expire);
      case SETTLE -> settle();
      case LAPSE -> lapse();
      case RENEW -> renew(random.nextInt(Rig.NODES));
      case LEAVE -> leave(random.nextInt(Rig.NODES));
      case LIVE_WITHOUT_ONE_NODE -> liveWithout(random.nextInt(Rig.NODES), random.nextInt(10));
      case FLUSH_SCRIPTS -> rig.flushScripts();
      case LIST -> list();
      case LOSE_REPLY -> loseReply(random);
      default -> {
        int node = freeNode(random);
        move(node, new MoveMaker(world, random, node).moves(step.verb()));
      }
    }
    compare();
    wakeups();
    world.model.nextBatch();
  }

  /** Who was left with less than was wanted must be told when there is something to lease. */
  private void wakeups() {
    Set<Wakeup> heard = rig.wakeups();
    world.unsatisfied.heard(heard);
    for (Wakeup.Noticed worker : world.model.notices.takeCalledOut()) {
      if (!heard.contains(worker)) {
        throw new IllegalMove("nobody was told that there is a notice for " + worker);
      }
    }
    for (LaneKey lane : leasable()) {
      if (world.unsatisfied.contains(lane.queue())) {
        throw new IllegalMove("nobody was told that there is something to lease in " + lane);
      }
    }
  }

  /** Lanes that could give something now, be it only to find out that its time is over. */
  private Set<LaneKey> leasable() {
    Set<LaneKey> lanes = new HashSet<>();
    for (TaskQueue queue : Universe.queues()) {
      for (LaneKey lane : world.model.lanes.lanesOf(queue)) {
        if (world.model.hasRoom(lane)) {
          lanes.add(lane);
        }
      }
    }
    return lanes;
  }

  /** A node that waits for no lost reply. */
  private int freeNode(Random random) {
    int node = random.nextInt(Rig.NODES);
    return lost != null && lost.node() == node ? (node + 1) % Rig.NODES : node;
  }

  private int otherNode() {
    return lost != null && lost.node() == 0 ? 1 : 0;
  }

  private void move(int node, List<Move<?>> moves) {
    moves.forEach(m -> trace.add("  " + m));
    List<Future<?>> answers = new ArrayList<>();
    rig.await(
        node,
        () -> {
          moves.forEach(m -> answers.add(m.send(rig, node)));
          return Future.all(answers);
        });
    look();
    long leases = moves.stream().filter(LeaseMove.class::isInstance).count();
    world.model.interleaved = leases > 1 && rig.settings().partitions() > 1;
    for (int i = 0; i < moves.size(); i++) {
      Object answer = answers.get(i).result();
      trace.add("    -> " + Brief.ofAnswer(answer));
      follow(moves.get(i), answer);
    }
    for (Wakeup.Noticed worker : world.askedAll) {
      Set<ModelRun> missing = world.model.notices.pending(worker);
      if (!missing.isEmpty()) {
        throw new IllegalMove(worker + " was not told of " + missing);
      }
    }
    world.askedAll.clear();
  }

  @SuppressWarnings("unchecked")
  private <R> void follow(Move<R> move, @Nullable Object answer) {
    move.follow(world, (R) answer);
    world.duties.noteMoments(world.now);
  }

  @SuppressWarnings("unchecked")
  private <R> void followAgain(Move<R> move, @Nullable Object answer) {
    move.followAgain(world, (R) answer);
    world.duties.noteMoments(world.now);
  }

  private void loseReply(Random random) {
    if (lost != null || !rig.losesReplies()) {
      return;
    }
    int node = random.nextInt(Rig.NODES);
    List<Move<?>> moves = new MoveMaker(world, random, node).movesThatMayBeLost();
    if (moves.isEmpty()) {
      return;
    }
    moves.forEach(m -> trace.add("  " + m + " on node " + node + ", its reply is lost"));
    List<Future<?>> answers = new ArrayList<>();
    rig.loseReplies(
        node,
        () -> {
          moves.forEach(m -> answers.add(m.send(rig, node)));
          return Future.all(answers);
        });
    lost = new Lost(node, moves, answers);
    look();
    moves.forEach(m -> follow(m, null));
    stepsUntilSentAgain = random.nextInt(4);
  }

  private void sendAgain() {
    Lost again = lost;
    if (again == null) {
      return;
    }
    lost = null;
    trace.add("  sent again: " + again.moves());
    rig.sendAgain(again.node());
    rig.await(again.node(), () -> Future.all(again.answers()));
    look();
    for (int i = 0; i < again.moves().size(); i++) {
      Object answer = again.answers().get(i).result();
      trace.add("    -> " + Brief.ofAnswer(answer));
      followAgain(again.moves().get(i), answer);
    }
    compare();
  }

  private void pass(long millis) {
    world.now += millis;
    rig.setNow(world.now);
    world.model.pass(world.now);
    world.unsatisfied.pass(millis);
    trace.add("  " + millis + " ms pass");
  }

  private void passToNextMoment(Random random) {
    LongStream runs = world.model.all().mapToLong(ModelRun::nextMoment);
    List<Long> moments =
        LongStream.concat(runs, world.unsatisfied.waits().map(wait -> world.now + wait))
            .filter(m -> m != ModelRun.NEVER && m > world.now)
            .sorted()
            .boxed()
            .toList();
    if (!moments.isEmpty()) {
      long moment = moments.get(Math.min(moments.size() - 1, random.nextInt(3)));
      pass(moment - world.now - (random.nextInt(4) == 0 ? 1 : 0));
    }
  }

  /** What the model does for a duty in a partition. */
  private interface Pass {
    void make(int partition, long now);
  }

  private void everyPartition(
      String name, BiFunction<Duties, Integer, Future<Duties.Pass>> duty, Pass pass) {
    int node = otherNode();
    for (int partition = 0; partition < rig.settings().partitions(); partition++) {
      int each = partition;
      boolean more = true;
      while (more) {
        more = rig.await(node, () -> duty.apply(rig.duties(node), each)).more();
      }
    }
    look();
    for (int partition = 0; partition < rig.settings().partitions(); partition++) {
      pass.make(partition, world.now);
    }
    world.duties.noteMoments(world.now);
    trace.add("  " + name);
  }

  private void settle() {
    for (int round = 0; round < 2; round++) {
      everyPartition("expire", Duties::expire, world.duties::expire);
      compare();
      everyPartition("reap", Duties::reap, world.duties::reap);
      compare();
    }
  }

  private void lapse() {
    Set<Integer> lapsed = new HashSet<>();
    everyPartition(
        "lapse",
        Duties::lapse,
        (partition, now) -> lapsed.addAll(world.duties.lapse(partition, now)));
    lapsed.forEach(this::renew);
  }

  private void renew(int node) {
    int by = lost != null && lost.node() == node ? otherNode() : node;
    if (by != node) {
      return;
    }
    trace.add("  node " + node + " lives");
    for (int partition = 0; partition < rig.settings().partitions(); partition++) {
      int each = partition;
      rig.await(node, () -> rig.duties(node).renew(each));
      world.duties.nodes(partition).renew(node, world.now);
    }
  }

  private void leave(int node) {
    if (lost != null && lost.node() == node) {
      return;
    }
    trace.add("  node " + node + " leaves");
    for (int partition = 0; partition < rig.settings().partitions(); partition++) {
      int each = partition;
      rig.await(node, () -> rig.duties(node).leave(each));
      world.duties.nodes(partition).leave(node);
    }
  }

  private void liveWithout(int dead, int seconds) {
    for (int second = 0; second < seconds; second++) {
      pass(1_000);
      for (int node = 0; node < Rig.NODES; node++) {
        if (node != dead) {
          renew(node);
        }
      }
      lapse();
      compare();
    }
  }

  private void list() {
    int node = otherNode();
    for (String namespace : Universe.NAMESPACES) {
      List<Job> jobs = new ArrayList<>();
      String cursor = null;
      do {
        String from = cursor;
        JobPage page = rig.await(node, () -> rig.store(node).list(namespace, from, 7));
        jobs.addAll(page.jobs());
        cursor = page.nextCursor();
      } while (cursor != null);
      List<ModelRun> expected = ModelPage.runs(world.model, namespace);
      World.same("runs listed in " + namespace, expected.size(), jobs.size());
      for (Job job : jobs) {
        ModelRun run =
            world
                .model
                .find(job.key(), job.runId())
                .orElseThrow(() -> new IllegalMove("listed what does not exist: " + job));
        differ("listed " + run, JobDiff.listed(run, job));
      }
      if (rig.settings().partitions() == 1) {
        World.same(
            "order of the list",
            expected.stream().map(r -> r.batch).toList(),
            jobs.stream()
                .map(j -> world.model.find(j.key(), j.runId()).orElseThrow().batch)
                .toList());
      }
    }
  }

  private void look() {
    world.seen = Observation.of(rig, otherNode(), Universe.keys(), world.model);
  }

  private void compare() {
    look();
    for (JobKey key : Universe.keys()) {
      Job job = world.seen.latest.get(key);
      ModelRun run = world.model.latest(key).orElse(null);
      World.same(
          "latest run of " + key,
          run == null ? null : run.birth.runId(),
          job == null ? null : job.runId());
    }
    world
        .model
        .all()
        .forEach(
            run -> {
              Job job = world.seen.runs.get(run.birth.runId());
              if (job == null) {
                throw new IllegalMove("lost: " + run);
              }
              differ(run.toString(), JobDiff.whole(run, job));
              stays(run, job);
            });
    if (compared++ % 2 == 0) {
      differ("the keyspace", rig.brokenInvariants(world.model, world.now));
    }
  }

  /** A closed run never changes again, but for the reason of a last control. */
  private void stays(ModelRun run, Job job) {
    if (run.isOpen()) {
      return;
    }
    JobState state = job.state();
    List<Object> now =
        Arrays.asList(
            state.status(),
            state.attempt(),
            state.leaseLosses(),
            state.worker(),
            job.options(),
            job.taskQueue(),
            job.times(),
            job.outcome().result(),
            job.outcome().retryState(),
            job.heartbeatDetails(),
            job.attempts());
    List<Object> before = closed.putIfAbsent(run, now);
    if (before != null && !before.equals(now)) {
      throw new IllegalMove("closed, it changed: " + before + "\n  to " + now);
    }
  }

  private static void differ(String what, List<String> differences) {
    if (!differences.isEmpty()) {
      throw new IllegalMove(what + ":\n    " + String.join("\n    ", differences));
    }
  }
}
