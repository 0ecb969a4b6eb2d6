package dev.postrider.store.redis;

import dev.postrider.redis.StartupException;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;

/**
 * What a store was made as, written by the first node that starts on it: HASH {@code postrider}
 * with its number of partitions and the version of its layout. A node that is configured otherwise
 * would look for jobs where they are not, so it refuses to run.
 */
public final class StoreIdentity {
  private static final String KEY = "postrider";

  /** Counts up when records or keys change so that older versions cannot read them. */
  private static final String LAYOUT = "1";

  private StoreIdentity() {}

  /** Fails with {@link StartupException} when the store is another one. */
  public static Future<Void> claim(ScriptRunner runner, int partitions) {
    return field(runner, "layout", LAYOUT)
        .compose(
            layout ->
                layout.equals(LAYOUT)
                    ? field(runner, "partitions", Integer.toString(partitions))
                    : Future.failedFuture(
                        new StartupException(
                            "the store has layout " + layout + ", this version knows " + LAYOUT,
                            "run the version that made it, or point redis.url at an empty Redis")))
        .compose(
            made ->
                made.equals(Integer.toString(partitions))
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        new StartupException(
                            "the store was made with " + made + " partitions, not " + partitions,
                            "set partitions to "
                                + made
                                + ", or point redis.url at an empty Redis")));
  }

  /** Writes the field if there is none, and reads it. */
  private static Future<String> field(ScriptRunner runner, String name, String value) {
    return runner
        .send(Request.cmd(Command.HSETNX, KEY, name, value))
        .compose(any -> runner.send(Request.cmd(Command.HGET, KEY, name)))
        .map(stored -> stored == null ? value : stored.toString());
  }
}
