package dev.postrider.store.redis;

import dev.postrider.redis.RedisLink;
import dev.postrider.redis.Script;
import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the store needs of a link to Redis; tests put lost replies in between. */
public interface ScriptRunner {
  /** Runs a script once; a failure may leave unknown whether it ran. */
  Future<@Nullable Response> run(Script script, List<?> keys, List<?> args);

  /** Sends a command once. */
  Future<@Nullable Response> send(Request request);

  /** Runs the handler each time Redis is reachable again. */
  void onUp(Runnable handler);

  /** The one over a real link. */
  static ScriptRunner of(RedisLink link) {
    return new ScriptRunner() {
      @Override
      public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
        return link.eval(script, keys, args);
      }

      @Override
      public Future<@Nullable Response> send(Request request) {
        return link.send(request);
      }

      @Override
      public void onUp(Runnable handler) {
        link.onUp(handler);
      }
    };
  }
}
