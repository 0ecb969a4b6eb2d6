package dev.postrider.simulation;

import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.TaskToken;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.JobStore;
import dev.postrider.store.ReportResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What workers report. */
final class ReportMoves {
  private ReportMoves() {}

  static Move<ReportResult> complete(TaskToken token, @Nullable Buffer result) {
    Completion completion = new Completion(token, result, null);
    return report(
        "complete " + Brief.of(token),
        store -> store.complete(completion),
        world -> {
          world.reported.add(token);
          return world.reports.complete(completion, world.now);
        });
  }

  static Move<ReportResult> fail(TaskToken token, Failure failure) {
    FailureReport report = new FailureReport(token, failure, null);
    return report(
        "fail " + Brief.of(token) + " " + failure,
        store -> store.fail(report),
        world -> {
          world.reported.add(token);
          return world.reports.fail(report, world.now);
        });
  }

  static Move<ReportResult> completeById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer result,
      String requestId) {
    return report(
        "complete " + key + " run " + runId + " attempt " + attempt,
        store -> store.completeById(key, runId, attempt, result, null),
        world ->
            world.reports.byId(
                key,
                runId,
                "complete",
                requestId,
                () -> world.reports.completeById(key, runId, attempt, result, world.now)));
  }

  static Move<ReportResult> failById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      Failure failure,
      String requestId) {
    return report(
        "fail " + key + " run " + runId + " attempt " + attempt + " " + failure,
        store -> store.failById(key, runId, attempt, failure, null),
        world ->
            world.reports.byId(
                key,
                runId,
                "fail",
                requestId,
                () -> world.reports.failById(key, runId, attempt, failure, world.now)));
  }

  private static Move<ReportResult> report(
      String name,
      Function<JobStore, Future<ReportResult>> send,
      Function<World, ReportResult> follow) {
    return new Move<>(name) {
      @Override
      Future<ReportResult> send(JobStore store) {
        return send.apply(store);
      }

      @Override
      void follow(World world, @Nullable ReportResult answer) {
        ReportResult expected = follow.apply(world);
        if (answer == null) {
          return;
        }
        if (expected instanceof ReportResult.Accepted one
            && answer instanceof ReportResult.Accepted other) {
          World.same(one.run(), other.run());
        } else {
          World.same("answer", expected, answer);
        }
      }
    };
  }

  static Move<Void> handBack(List<TaskToken> tokens) {
    return new Move<>("hand back " + tokens.stream().map(Brief::of).toList()) {
      @Override
      Future<Void> send(JobStore store) {
        return store.handBack(tokens);
      }

      @Override
      void follow(World world, @Nullable Void answer) {
        tokens.stream()
            .filter(world::holds)
            .forEach(token -> world.judge.handedBack(world.model.latest(token.key()).get()));
        world.reports.handBack(tokens, world.now);
      }
    };
  }
}
