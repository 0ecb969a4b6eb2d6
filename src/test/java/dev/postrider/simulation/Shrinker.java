package dev.postrider.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Finds a short history that still goes wrong, by leaving out steps and playing it again. */
final class Shrinker {
  private final Function<List<Step>, Play.Result> player;
  private final long givesUpAt;

  /**
   * Makes one.
   *
   * @param player plays a history from the beginning
   * @param seconds how long it may try
   */
  Shrinker(Function<List<Step>, Play.Result> player, long seconds) {
    this.player = player;
    this.givesUpAt = System.nanoTime() + seconds * 1_000_000_000L;
  }

  /** The shortest history found that fails as {@code steps} does. */
  List<Step> shrink(List<Step> steps) {
    List<Step> shortest = steps;
    int chunk = Math.max(1, steps.size() / 2);
    while (System.nanoTime() < givesUpAt) {
      int before = shortest.size();
      shortest = withoutChunks(shortest, chunk);
      if (chunk == 1 && shortest.size() == before) {
        break;
      }
      chunk = Math.max(1, chunk / 2);
    }
    return shortest;
  }

  private List<Step> withoutChunks(List<Step> steps, int chunk) {
    List<Step> kept = steps;
    int at = Math.max(0, kept.size() - chunk);
    while (at >= 0 && System.nanoTime() < givesUpAt) {
      List<Step> shorter = new ArrayList<>(kept.subList(0, at));
      shorter.addAll(kept.subList(Math.min(kept.size(), at + chunk), kept.size()));
      if (player.apply(shorter).failure() != null) {
        kept = shorter;
      }
      at = at == 0 ? -1 : Math.max(0, at - chunk);
    }
    return kept;
  }
}
