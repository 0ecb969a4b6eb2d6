package dev.postrider.simulation;

import dev.postrider.store.LimitsChange;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * Plays seeded random histories against a store. A failure tells its seed, with which {@code
 * -Dseed=} plays it again, and the shortest history that still fails; {@code -Dsteps=} sets how
 * long histories are.
 */
final class Simulation {
  private static final long SHRINKING_SECONDS = Long.getLong("shrink", 40);

  private final LongFunction<Rig> rigs;
  private final LimitsChange limits;

  /**
   * Makes one.
   *
   * @param rigs makes an empty store; the same seed makes the same
   * @param limits what all queues have at the beginning
   */
  Simulation(LongFunction<Rig> rigs, LimitsChange limits) {
    this.rigs = rigs;
    this.limits = limits;
  }

  /** Plays {@code seeds} histories, or the one of {@code -Dseed=}. */
  void play(long firstSeed, int seeds, int steps) {
    Long only = Long.getLong("seed");
    int length = Integer.getInteger("steps", steps);
    if (only != null) {
      play(only, length);
      return;
    }
    int count = Integer.getInteger("seeds", seeds);
    for (long seed = firstSeed; seed < firstSeed + count; seed++) {
      play(seed, length);
    }
  }

  private void play(long seed, int length) {
    List<Step> history = Step.history(seed, length);
    Function<List<Step>, Play.Result> player =
        steps -> {
          try (Rig rig = rigs.apply(seed)) {
            return Play.of(rig, limits, steps);
          }
        };
    Play.Result result = player.apply(history);
    if (result.failure() == null) {
      return;
    }
    List<Step> shortest = new Shrinker(player, SHRINKING_SECONDS).shrink(history);
    Play.Result again = player.apply(shortest);
    Play.Result told = again.failure() == null ? result : again;
    StringWriter stack = new StringWriter();
    told.failure().printStackTrace(new PrintWriter(stack));
    throw new AssertionError(
        "seed "
            + seed
            + " goes wrong; play it again with -Dseed="
            + seed
            + " -Dsteps="
            + length
            + "\n"
            + String.join("\n", told.trace())
            + "\n\n"
            + stack);
  }
}
