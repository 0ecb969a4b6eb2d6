package dev.postrider.simulation;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** One call of the store and what the model makes of it. */
abstract class Move<R> {
  private final String name;

  Move(String name) {
    this.name = name;
  }

  abstract Future<R> send(Rig rig, int node);

  /**
   * Follows the call in the model after it ran, and judges its answer.
   *
   * @param answer null when its reply was lost
   */
  abstract void follow(World world, @Nullable R answer);

  /** Follows the very same call sent again, and judges its answer. */
  void followAgain(World world, R answer) {
    follow(world, answer);
  }

  @Override
  public String toString() {
    return name;
  }
}
