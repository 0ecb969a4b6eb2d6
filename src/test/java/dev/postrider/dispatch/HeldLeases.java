package dev.postrider.dispatch;

import dev.postrider.redis.Script;
import dev.postrider.store.redis.ScriptRunner;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps the replies of leases back while a test wants it so, or fails a lease. */
final class HeldLeases implements ScriptRunner {
  private final ScriptRunner next;
  private final List<Runnable> kept = new ArrayList<>();
  private boolean holds;
  private boolean failsNext;

  HeldLeases(ScriptRunner next) {
    this.next = next;
  }

  /** From now on Redis leases, and nobody hears of it. */
  void hold() {
    holds = true;
  }

  /** Everything that was kept back arrives. */
  void release() {
    holds = false;
    List<Runnable> arriving = List.copyOf(kept);
    kept.clear();
    arriving.forEach(Runnable::run);
  }

  /** The next lease does not reach Redis. */
  void failNext() {
    failsNext = true;
  }

  @Override
  public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
    boolean leases = script.name().equals("task/lease");
    if (leases && failsNext) {
      failsNext = false;
      return Future.failedFuture(new IllegalStateException("this lease fails"));
    }
    Future<@Nullable Response> reply = next.run(script, keys, args);
    if (!leases || !holds) {
      return reply;
    }
    Promise<@Nullable Response> later = Promise.promise();
    kept.add(() -> reply.onComplete(later));
    return later.future();
  }

  @Override
  public Future<@Nullable Response> send(Request request) {
    return next.send(request);
  }

  @Override
  public void onUp(Runnable handler) {
    next.onUp(handler);
  }
}
