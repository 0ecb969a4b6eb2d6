package dev.postrider;

import dev.postrider.redis.Subscription;
import dev.postrider.store.Wakeup;
import dev.postrider.store.redis.WakeupMessages;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** Hears what the store calls out, once for the whole node. */
final class WakeupVerticle extends VerticleBase {
  private final Node node;
  private final WakeupMessages messages;
  private volatile @Nullable Subscription subscription;

  WakeupVerticle(Node node) {
    this.node = node;
    this.messages = new WakeupMessages(node.config().partitions());
  }

  /** Counts as started when it hears. */
  @Override
  public Future<?> start() {
    Promise<Void> first = Promise.promise();
    subscription =
        Subscription.open(
            node.connector(),
            "postrider-wakeups",
            messages.channels(),
            new Subscription.Listener() {
              @Override
              public void subscribed() {
                first.tryComplete();
                node.wakeups().handle(new Wakeup.Missed());
              }

              @Override
              public void lost() {}

              @Override
              public void message(String channel, Buffer payload) {
                messages.read(channel, payload).ifPresent(node.wakeups()::handle);
              }
            });
    return first.future();
  }

  @Override
  public Future<?> stop() {
    Subscription open = subscription;
    return open == null ? Future.succeededFuture() : open.close();
  }

  boolean isSubscribed() {
    Subscription open = subscription;
    return open != null && open.isSubscribed();
  }
}
