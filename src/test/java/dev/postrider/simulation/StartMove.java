package dev.postrider.simulation;

import dev.postrider.job.Job;
import dev.postrider.job.RunId;
import dev.postrider.job.StartRequest;
import dev.postrider.store.StartResult;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts a job. */
final class StartMove extends Move<StartResult> {
  private final StartRequest request;
  private @Nullable RunId made;

  StartMove(StartRequest request) {
    super("start " + Brief.of(request));
    this.request = request;
  }

  @Override
  Future<StartResult> send(Rig rig, int node) {
    return rig.store(node).start(request);
  }

  @Override
  void follow(World world, @Nullable StartResult answer) {
    IdRules.Answer expected = world.model.answerTo(request);
    boolean isNew =
        expected == IdRules.Answer.NEW_RUN || expected == IdRules.Answer.TERMINATE_THEN_NEW_RUN;
    RunId runId = answer instanceof StartResult.Started started ? started.job().runId() : null;
    if (isNew && answer == null) {
      Job job = world.seen.latest.get(request.key());
      if (job == null) {
        throw new IllegalMove("the start made no run");
      }
      runId = job.runId();
    }
    if (isNew && runId == null) {
      throw new IllegalMove(expected + " expected, but " + answer);
    }
    if (isNew && world.model.find(request.key(), runId).isPresent()) {
      throw new IllegalMove(expected + " expected, but it was given the run " + runId + " again");
    }
    ModelRun run = world.model.start(request, runId == null ? new RunId(0) : runId, world.now);
    if (isNew) {
      made = run.birth.runId();
    }
    if (answer != null) {
      judge(expected, run, answer);
    }
  }

  @Override
  void followAgain(World world, StartResult answer) {
    Optional<ModelRun> before =
        made == null ? Optional.empty() : world.model.find(request.key(), made);
    if (before.isEmpty()) {
      follow(world, answer);
    } else if (answer instanceof StartResult.Started started) {
      World.same("run of the start sent again", made, started.job().runId());
    } else {
      throw new IllegalMove("the start sent again was answered " + answer);
    }
  }

  private static void judge(IdRules.Answer expected, ModelRun run, StartResult answer) {
    RunId runId = run.birth.runId();
    switch (expected) {
      case NEW_RUN, TERMINATE_THEN_NEW_RUN -> {
        Job job = ((StartResult.Started) answer).job();
        List<String> differences = JobDiff.whole(run, job);
        if (!differences.isEmpty()) {
          throw new IllegalMove("the job that a start answered: " + differences);
        }
      }
      case EXISTING -> {
        if (!(answer instanceof StartResult.Existing existing)) {
          throw new IllegalMove(expected + " expected, but " + answer);
        }
        World.same("existing run", runId, existing.job().runId());
      }
      case ALREADY_STARTED -> World.same("answer", new StartResult.AlreadyStarted(runId), answer);
      case PAYLOAD_MISMATCH -> World.same("answer", new StartResult.PayloadMismatch(runId), answer);
    }
  }
}
