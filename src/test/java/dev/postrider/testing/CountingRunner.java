package dev.postrider.testing;

import dev.postrider.redis.Script;
import dev.postrider.store.redis.ScriptRunner;
import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts the calls that reach Redis, by script; commands count as {@code command}. */
public final class CountingRunner implements ScriptRunner {
  private final ScriptRunner next;
  private final Map<String, AtomicInteger> counts;

  public CountingRunner(ScriptRunner next, Map<String, AtomicInteger> counts) {
    this.next = next;
    this.counts = counts;
  }

  /** How often {@code script} was called. */
  public static int of(Map<String, AtomicInteger> counts, String script) {
    AtomicInteger count = counts.get(script);
    return count == null ? 0 : count.get();
  }

  public static Map<String, AtomicInteger> counts() {
    return new ConcurrentHashMap<>();
  }

  @Override
  public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
    count(script.name());
    return next.run(script, keys, args);
  }

  @Override
  public Future<@Nullable Response> send(Request request) {
    count("command");
    return next.send(request);
  }

  @Override
  public void onUp(Runnable handler) {
    next.onUp(handler);
  }

  private void count(String name) {
    counts.computeIfAbsent(name, n -> new AtomicInteger()).incrementAndGet();
  }
}
