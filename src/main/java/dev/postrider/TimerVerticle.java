package dev.postrider;

import dev.postrider.store.TimerListener;
import dev.postrider.store.redis.StoreIdentity;
import dev.postrider.timer.Timers;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The duties of time of one node, on an event loop and over a link of their own. */
final class TimerVerticle extends VerticleBase implements TimerListener {
  private final Node node;
  private @Nullable LoopStore store;
  private volatile @Nullable Timers timers;

  TimerVerticle(Node node) {
    this.node = node;
  }

  /**
   * Counts as started when the store is known to be this node's, and this node to the others as
   * alive.
   */
  @Override
  public Future<?> start() {
    LoopStore opened = LoopStore.open(vertx, node, "time", this);
    store = opened;
    Timers made = new Timers(vertx, opened.duties(), node.metrics());
    return opened
        .up()
        .compose(up -> StoreIdentity.claim(opened.runner(), opened.duties().partitions()))
        .compose(ours -> made.start())
        .onSuccess(started -> timers = made);
  }

  @Override
  public void armed(int partition, Duration in) {
    Timers started = timers;
    if (started != null) {
      started.armed(partition, in);
    }
  }

  /** Acts on no timer any more; the node still counts as alive. */
  Future<Void> rest() {
    Timers started = timers;
    return started == null ? Future.succeededFuture() : started.stop();
  }

  @Override
  public Future<?> stop() {
    Timers started = timers;
    LoopStore opened = store;
    Future<Void> left = started == null ? Future.succeededFuture() : started.leave();
    return left.transform(ignored -> opened == null ? Future.succeededFuture() : opened.close());
  }
}
