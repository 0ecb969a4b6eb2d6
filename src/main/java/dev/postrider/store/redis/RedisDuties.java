package dev.postrider.store.redis;

import dev.postrider.redis.Script;
import dev.postrider.store.Duties;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** The passes of time over Redis. */
public final class RedisDuties implements Duties {
  /** Runs that one pass may move: more would hold Redis for longer than 5 ms. */
  private static final String MAX_RUNS = "100";

  private final Calls calls;
  private final Keys keys;
  private final StoreSettings settings;
  private final long maxEventBytes;

  /**
   * Makes the duties on the current event loop.
   *
   * @param maxEventBytes what each partition's event log may take
   */
  public RedisDuties(
      Vertx vertx, ScriptRunner runner, StoreSettings settings, Random random, long maxEventBytes) {
    this.calls = new Calls(vertx, runner, settings, random);
    this.keys = new Keys(settings.partitions());
    this.settings = settings;
    this.maxEventBytes = maxEventBytes;
  }

  @Override
  public int partitions() {
    return keys.partitions();
  }

  @Override
  public Future<Pass> reap(int partition) {
    return pass(Scripts.REAP, partition, MAX_RUNS);
  }

  @Override
  public Future<Pass> expire(int partition) {
    return pass(Scripts.EXPIRE, partition, MAX_RUNS);
  }

  @Override
  public Future<Pass> lapse(int partition) {
    return pass(Scripts.LAPSE, partition, MAX_RUNS);
  }

  @Override
  public Future<Void> renew(int partition) {
    return run(Scripts.RENEW, partition, settings.node(), "alive").mapEmpty();
  }

  @Override
  public Future<Void> leave(int partition) {
    return run(Scripts.RENEW, partition, settings.node(), "gone").mapEmpty();
  }

  @Override
  public Future<Pass> trim(int partition) {
    return pass(Scripts.TRIM, partition, Long.toString(maxEventBytes));
  }

  private Future<Pass> pass(Script script, int partition, String bound) {
    return run(script, partition, bound)
        .map(
            reply -> {
              long nextMs = reply.get(3).toLong();
              return new Pass(
                  reply.get(1).toInteger(),
                  "1".equals(reply.get(2).toString()),
                  nextMs < 0 ? Pass.NEVER : Duration.ofMillis(nextMs));
            });
  }

  private Future<Response> run(Script script, int partition, Object... more) {
    List<Object> arguments = calls.arguments();
    arguments.addAll(List.of(more));
    return calls.run(script, List.of(keys.meta(partition)), arguments);
  }
}
