package dev.postrider.simulation;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueSummary;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.UpdateLimitsResult;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What operators ask of task queues. */
final class QueueMoves {
  /** More than there are fairness keys, workers or queues. */
  private static final int ALL = 20;

  private QueueMoves() {}

  static Move<UpdateLimitsResult> updateLimits(QueueControl control, LimitsChange change) {
    return new Move<>("limits of " + Brief.of(control) + ": " + Brief.of(change)) {
      @Override
      Future<UpdateLimitsResult> send(Rig rig, int node) {
        return rig.queues(node).updateLimits(control, change);
      }

      @Override
      void follow(World world, @Nullable UpdateLimitsResult answer) {
        UpdateLimitsResult expected = world.model.updateLimits(control, change);
        if (answer != null) {
          World.same("answer", expected, answer);
        }
      }
    };
  }

  static Move<Void> pause(QueueControl control) {
    return control(
        "pause queue",
        control,
        queues -> queues.pause(control),
        world -> world.model.queues.pause(control, world.now));
  }

  static Move<Void> unpause(QueueControl control) {
    return control(
        "unpause queue",
        control,
        queues -> queues.unpause(control),
        world -> world.model.queues.unpause(control));
  }

  private static Move<Void> control(
      String name,
      QueueControl control,
      Function<TaskQueues, Future<Void>> send,
      Consumer<World> follow) {
    return new Move<>(name + " " + Brief.of(control)) {
      @Override
      Future<Void> send(Rig rig, int node) {
        return send.apply(rig.queues(node));
      }

      @Override
      void follow(World world, @Nullable Void answer) {
        follow.accept(world);
      }
    };
  }

  static Move<QueueDescription> describe(TaskQueue queue) {
    return new Move<>("describe " + queue) {
      @Override
      Future<QueueDescription> send(Rig rig, int node) {
        return rig.queues(node).describe(queue, ALL);
      }

      @Override
      void follow(World world, @Nullable QueueDescription answer) {
        if (answer != null) {
          differ("described " + queue, QueueDiff.of(world.model, queue, world.now, answer));
        }
      }
    };
  }

  static Move<List<QueueSummary>> list(String namespace) {
    return new Move<>("list the queues of " + namespace) {
      @Override
      Future<List<QueueSummary>> send(Rig rig, int node) {
        return rig.queues(node).list(namespace, null, ALL);
      }

      @Override
      void follow(World world, @Nullable List<QueueSummary> answer) {
        if (answer != null) {
          differ("queues of " + namespace, QueueDiff.of(world.model, namespace, answer));
        }
      }
    };
  }

  private static void differ(String what, List<String> differences) {
    if (!differences.isEmpty()) {
      throw new IllegalMove(what + ":\n    " + String.join("\n    ", differences));
    }
  }
}
