package dev.postrider.store.redis;

import dev.postrider.metrics.Metrics;
import dev.postrider.redis.Script;
import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Times every call to Redis. */
public final class MeasuredRunner implements ScriptRunner {
  private final ScriptRunner runner;
  private final Metrics metrics;

  public MeasuredRunner(ScriptRunner runner, Metrics metrics) {
    this.runner = runner;
    this.metrics = metrics;
  }

  @Override
  public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
    return measured(script.name(), runner.run(script, keys, args));
  }

  @Override
  public Future<@Nullable Response> send(Request request) {
    return measured("read", runner.send(request));
  }

  @Override
  public void onUp(Runnable handler) {
    runner.onUp(handler);
  }

  private Future<@Nullable Response> measured(String call, Future<@Nullable Response> reply) {
    long start = System.nanoTime();
    return reply.onComplete(
        result ->
            metrics.storeCalled(
                call, result.succeeded(), Duration.ofNanos(System.nanoTime() - start)));
  }
}
