package dev.postrider.testing;

import dev.postrider.config.RedisConfig;
import dev.postrider.dispatch.Wakeups;
import dev.postrider.redis.RedisConnector;
import dev.postrider.redis.Subscription;
import dev.postrider.store.redis.WakeupMessages;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;

/** What a real Redis calls out, heard as a node hears it. */
public final class TestWakeups {
  private TestWakeups() {}

  /** Subscribes on the current event loop; succeeds when everything published is heard. */
  public static Future<Wakeups> open(Vertx vertx, RedisServer redis, int partitions) {
    Wakeups wakeups = new Wakeups();
    WakeupMessages messages = new WakeupMessages(partitions);
    Promise<Wakeups> open = Promise.promise();
    Subscription.open(
        new RedisConnector(vertx, RedisConfig.DEFAULT, redis.url()),
        "test-wakeups",
        messages.channels(),
        new Subscription.Listener() {
          @Override
          public void subscribed() {
            open.tryComplete(wakeups);
          }

          @Override
          public void lost() {}

          @Override
          public void message(String channel, Buffer payload) {
            messages.read(channel, payload).ifPresent(wakeups::handle);
          }
        });
    return open.future();
  }
}
