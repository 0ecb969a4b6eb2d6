package dev.postrider.simulation;

import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.TaskToken;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.JobStore;
import dev.postrider.store.ReportResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What workers report. */
final class ReportMoves {
  private ReportMoves() {}

  static Move<ReportResult> complete(TaskToken token, @Nullable Buffer result, boolean next) {
    Completion completion = new Completion(token, result, null, next);
    return report(
        "complete " + Brief.of(token),
        token,
        store -> store.complete(completion),
        world -> {
          world.reported.add(token);
          return world.reports.complete(completion, world.now);
        });
  }

  static Move<ReportResult> fail(
      TaskToken token, Failure failure, @Nullable Buffer heartbeatDetails, boolean next) {
    FailureReport report = new FailureReport(token, failure, heartbeatDetails, null, next);
    return report(
        "fail " + Brief.of(token) + " " + failure,
        token,
        store -> store.fail(report),
        world -> {
          world.reported.add(token);
          return world.reports.fail(report, world.now);
        });
  }

  static Move<ReportResult> canceled(TaskToken token, @Nullable Buffer details, boolean next) {
    Cancellation cancellation = new Cancellation(token, details, next);
    return report(
        "canceled " + Brief.of(token),
        token,
        store -> store.canceled(cancellation),
        world -> {
          world.reported.add(token);
          return world.reports.canceled(cancellation, world.now);
        });
  }

  static Move<HeartbeatResult> heartbeat(TaskToken token, @Nullable Buffer details) {
    HeartbeatReport report = new HeartbeatReport(token, details);
    return heartbeat(
        "heartbeat " + Brief.of(token) + " with " + Brief.of(details),
        token,
        store -> store.heartbeat(report),
        world -> world.reports.heartbeat(report, world.now),
        world -> world.reports.heartbeatAgain(token));
  }

  static Move<HeartbeatResult> heartbeatById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer details,
      String own) {
    Function<World, HeartbeatResult> follow =
        world -> world.reports.heartbeatById(key, runId, attempt, details, own, world.now);
    return heartbeat(
        "heartbeat " + key + " run " + runId + " attempt " + attempt,
        null,
        store -> store.heartbeatById(key, runId, attempt, details),
        follow,
        follow);
  }

  private static Move<HeartbeatResult> heartbeat(
      String name,
      @Nullable TaskToken token,
      Function<JobStore, Future<HeartbeatResult>> send,
      Function<World, HeartbeatResult> follow,
      Function<World, HeartbeatResult> again) {
    return new Move<>(name) {
      @Override
      Future<HeartbeatResult> send(Rig rig, int node) {
        return send.apply(rig.store(node));
      }

      @Override
      void follow(World world, @Nullable HeartbeatResult answer) {
        judge(world, follow.apply(world), answer);
      }

      @Override
      void followAgain(World world, HeartbeatResult answer) {
        judge(world, again.apply(world), answer);
      }

      private void judge(World world, HeartbeatResult expected, @Nullable HeartbeatResult answer) {
        if (answer != null) {
          World.same("answer", expected, answer);
        }
        if (answer instanceof HeartbeatResult.Recorded && token != null) {
          world.accepted(token);
        }
      }
    };
  }

  static Move<ReportResult> completeById(
      JobKey key,
      @Nullable RunId runId,
      @Nullable Integer attempt,
      @Nullable Buffer result,
      String requestId) {
    return report(
        "complete " + key + " run " + runId + " attempt " + attempt,
        null,
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
        null,
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
      @Nullable TaskToken token,
      Function<JobStore, Future<ReportResult>> send,
      Function<World, ReportResult> follow) {
    return new Move<>(name) {
      @Override
      Future<ReportResult> send(Rig rig, int node) {
        return send.apply(rig.store(node));
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
          World.same("holder", one.holder(), other.holder());
          if (token != null) {
            world.accepted(token);
          }
        } else {
          World.same("answer", expected, answer);
        }
      }
    };
  }

  static Move<Void> notifyAgain(List<TaskToken> tokens) {
    return new Move<>("notify again of " + tokens.stream().map(Brief::of).toList()) {
      @Override
      Future<Void> send(Rig rig, int node) {
        return rig.store(node).notifyAgain(tokens);
      }

      @Override
      void follow(World world, @Nullable Void answer) {
        world.reports.notifyAgain(tokens);
      }
    };
  }

  static Move<List<TaskToken>> handBack(List<TaskToken> tokens) {
    return new Move<>("hand back " + tokens.stream().map(Brief::of).toList()) {
      @Override
      Future<List<TaskToken>> send(Rig rig, int node) {
        return rig.store(node).handBack(tokens);
      }

      @Override
      void follow(World world, @Nullable List<TaskToken> answer) {
        tokens.stream()
            .filter(world::holds)
            .forEach(token -> world.judge.handedBack(world.model.latest(token.key()).get()));
        List<TaskToken> lost = world.reports.handBack(tokens, world.now);
        if (answer != null) {
          World.same("lost when handed back", Set.copyOf(lost), Set.copyOf(answer));
        }
      }
    };
  }
}
