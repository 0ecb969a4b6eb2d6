package dev.postrider.simulation;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.simulation.ModelControls.RerunAnswer;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.JobStore;
import dev.postrider.store.RerunResult;
import dev.postrider.store.ResetOptions;
import dev.postrider.store.UpdateOptionsResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What users ask for. */
final class ControlMoves {
  private ControlMoves() {}

  static Move<ControlResult> cancel(Control control, String own) {
    return control(
        "cancel",
        control,
        own,
        store -> store.cancel(control),
        (world, known) -> world.controls.cancel(known, world.now));
  }

  static Move<ControlResult> terminate(Control control, String own) {
    return control(
        "terminate",
        control,
        own,
        store -> store.terminate(control),
        (world, known) -> world.controls.terminate(known, world.now));
  }

  static Move<ControlResult> unpause(Control control, Duration jitter, String own) {
    return control(
        "unpause with jitter " + jitter,
        control,
        own,
        store -> store.unpause(control, jitter),
        (world, known) -> world.controls.unpause(known, jitter, world.now));
  }

  static Move<ControlResult> pause(Control control, String own) {
    return control(
        "pause",
        control,
        own,
        store -> store.pause(control),
        (world, known) -> world.controls.pause(known));
  }

  static Move<ControlResult> reset(Control control, ResetOptions options, String own) {
    return control(
        "reset with " + options,
        control,
        own,
        store -> store.reset(control, options),
        (world, known) -> world.controls.reset(known, options, world.now));
  }

  static Move<UpdateOptionsResult> updateOptions(
      Control control, String name, UnaryOperator<AdjustableOptions> change, String own) {
    return options(
        "set " + name + " " + control,
        store -> store.updateOptions(control, change),
        world -> world.options.update(known(control, own), change, world.now));
  }

  static Move<UpdateOptionsResult> restoreOptions(Control control, String own) {
    return options(
        "restore options " + control,
        store -> store.restoreOptions(control),
        world -> world.options.restore(known(control, own), world.now));
  }

  private static Move<UpdateOptionsResult> options(
      String name,
      Function<JobStore, Future<UpdateOptionsResult>> send,
      Function<World, UpdateOptionsResult> follow) {
    return new Move<>(name) {
      @Override
      Future<UpdateOptionsResult> send(Rig rig, int node) {
        return send.apply(rig.store(node));
      }

      @Override
      void follow(World world, @Nullable UpdateOptionsResult answer) {
        UpdateOptionsResult expected = follow.apply(world);
        if (expected instanceof UpdateOptionsResult.Applied one
            && answer instanceof UpdateOptionsResult.Applied other) {
          ModelRun run = world.model.find(one.job().key(), one.job().runId()).orElseThrow();
          List<String> differences = JobDiff.whole(run, other.job());
          if (!differences.isEmpty()) {
            throw new IllegalMove(run + " as answered: " + differences);
          }
        } else if (answer != null) {
          World.same("answer", expected, answer);
        }
      }
    };
  }

  static Move<ControlResult> retryNow(Control control, String own) {
    return control(
        "retry now",
        control,
        own,
        store -> store.retryNow(control),
        (world, known) -> world.controls.retryNow(known, world.now));
  }

  private static Control known(Control control, String own) {
    return control.requestId() != null
        ? control
        : new Control(control.key(), control.runId(), control.reason(), own);
  }

  private static Move<ControlResult> control(
      String name,
      Control control,
      String own,
      Function<JobStore, Future<ControlResult>> send,
      BiFunction<World, Control, ControlResult> follow) {
    Control known = known(control, own);
    return new Move<>(name + " " + control) {
      @Override
      Future<ControlResult> send(Rig rig, int node) {
        return send.apply(rig.store(node));
      }

      @Override
      void follow(World world, @Nullable ControlResult answer) {
        ControlResult expected = follow.apply(world, known);
        if (answer == null) {
          return;
        }
        if (expected instanceof ControlResult.Applied one
            && answer instanceof ControlResult.Applied other) {
          World.same(one.run(), other.run());
        } else {
          World.same("answer", expected, answer);
        }
      }
    };
  }

  static Move<RerunResult> rerun(Control control, String own) {
    Control known = known(control, own);
    return new Move<>("rerun " + control) {
      private @Nullable RunId made;

      @Override
      Future<RerunResult> send(Rig rig, int node) {
        return rig.store(node).rerun(control);
      }

      @Override
      void follow(World world, @Nullable RerunResult answer) {
        RerunAnswer expected = world.controls.answerToRerun(known);
        if (expected == RerunAnswer.NEW_RUN) {
          RunId runId =
              answer instanceof RerunResult.Started started
                  ? started.job().runId()
                  : Optional.ofNullable(world.seen.latest.get(control.key()))
                      .orElseThrow(() -> new IllegalMove("the rerun made no run"))
                      .runId();
          if (world.model.find(control.key(), runId).isPresent()) {
            throw new IllegalMove("a new run was expected, but " + answer);
          }
          made = world.controls.rerun(known, runId, world.now).birth.runId();
        }
        if (answer != null) {
          judge(world, expected, answer);
        }
      }

      private void judge(World world, RerunAnswer expected, RerunResult answer) {
        boolean right =
            switch (expected) {
              case NOT_FOUND -> answer instanceof RerunResult.NotFound;
              case OPEN -> answer instanceof RerunResult.InvalidState;
              case REPEATED ->
                  answer instanceof RerunResult.Started started
                      && world
                          .controls
                          .repeatedRerun(known)
                          .map(run -> run.birth.runId().equals(started.job().runId()))
                          .orElse(false);
              case NEW_RUN ->
                  answer instanceof RerunResult.Started started
                      && JobDiff.whole(
                              world.model.find(control.key(), made).orElseThrow(), started.job())
                          .isEmpty();
            };
        if (!right) {
          throw new IllegalMove(expected + " expected, but " + answer);
        }
      }

      @Override
      void followAgain(World world, RerunResult answer) {
        if (made == null || world.model.find(control.key(), made).isEmpty()) {
          follow(world, answer);
        } else if (answer instanceof RerunResult.Started started) {
          World.same("run of the rerun sent again", made, started.job().runId());
        } else {
          throw new IllegalMove("the rerun sent again was answered " + answer);
        }
      }
    };
  }

  static Move<Boolean> delete(JobKey key, @Nullable RunId runId) {
    return new Move<>("delete " + key + " run " + runId) {
      @Override
      Future<Boolean> send(Rig rig, int node) {
        return rig.store(node).delete(key, runId);
      }

      @Override
      void follow(World world, @Nullable Boolean answer) {
        boolean expected = world.controls.delete(key, runId);
        if (answer != null) {
          World.same("answer", expected, answer);
        }
      }
    };
  }
}
