package dev.postrider.simulation;

import dev.postrider.store.Duties;
import dev.postrider.store.JobStore;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.Wakeup;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** A rig around the model itself. */
class ModelRig implements Rig {
  private final ModelStore.Settings settings;
  private final ModelJobStore store;

  ModelRig(ModelStore.Settings settings, long seed) {
    this.settings = settings;
    this.store = new ModelJobStore(settings, seed);
  }

  @Override
  public ModelStore.Settings settings() {
    return settings;
  }

  @Override
  public JobStore store(int node) {
    return store.on(node);
  }

  @Override
  public TaskQueues queues(int node) {
    return store.queues();
  }

  @Override
  public Duties duties(int node) {
    return store.on(node);
  }

  @Override
  public String builtInWorker(int node) {
    return "node-" + node;
  }

  @Override
  public void setNow(long now) {
    store.setNow(now);
  }

  @Override
  public <T> T await(int node, Supplier<Future<T>> calls) {
    return calls.get().result();
  }

  @Override
  public boolean losesReplies() {
    return false;
  }

  @Override
  public void loseReplies(int node, Supplier<Future<?>> calls) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void sendAgain(int node) {}

  @Override
  public Set<Wakeup> wakeups() {
    Set<Wakeup> all = new HashSet<>(store.model.notices.takeCalledOut());
    Universe.queues().forEach(queue -> all.add(new Wakeup.Opened(queue)));
    return all;
  }

  @Override
  public void flushScripts() {}

  @Override
  public List<String> brokenInvariants(ModelStore model, long now) {
    return List.of();
  }

  @Override
  public void close() {}
}
