package dev.postrider.simulation;

import dev.postrider.job.JobKey;
import dev.postrider.store.Duties;
import dev.postrider.store.JobStore;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.Wakeup;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** A store under test with its nodes, its clock in the test's hands. */
interface Rig extends AutoCloseable {
  int NODES = 3;

  /** What the store under test and its model are set to. */
  ModelStore.Settings settings();

  default int partitionOf(JobKey key) {
    return settings().partitionOf().applyAsInt(key);
  }

  JobStore store(int node);

  TaskQueues queues(int node);

  Duties duties(int node);

  /** The name of the node's built-in worker. */
  String builtInWorker(int node);

  /** Sets the clock of every node. */
  void setNow(long now);

  /** Makes calls on the node's event loop, all in one tick, and waits for what they answer. */
  <T> T await(int node, Supplier<Future<T>> calls);

  /**
   * Makes calls whose replies are lost, and waits until they have run. Each is sent again, the very
   * same, when {@link #sendAgain} is called.
   */
  void loseReplies(int node, Supplier<Future<?>> calls);

  /** Whether replies can be lost here. */
  default boolean losesReplies() {
    return true;
  }

  /** Sends what lost its replies again, and loses no more. */
  void sendAgain(int node);

  /** How the store keeps what it keeps, for who looks into a failure. */
  default List<String> picture() {
    return List.of();
  }

  /** What was called out since this was last asked. */
  Set<Wakeup> wakeups();

  /** Has the server forget its scripts. */
  void flushScripts();

  /** Whatever is wrong with how the store keeps what it keeps; empty = nothing. */
  List<String> brokenInvariants(ModelStore model, long now);

  @Override
  void close();
}
