package dev.postrider.store.redis;

import dev.postrider.redis.RedisFullException;
import dev.postrider.redis.RedisUnavailableException;
import dev.postrider.redis.Script;
import dev.postrider.store.StoreFullException;
import dev.postrider.store.StoreUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls scripts, and sends a call again whose reply was lost: the very same one, since each script
 * knows a call that it has already carried out. A call that certainly was not carried out fails at
 * once.
 */
final class Calls {
  private final Vertx vertx;
  private final ScriptRunner runner;
  private final StoreSettings settings;
  private final Random random;
  private final Buffer bounds;
  private final List<Runnable> waiting = new ArrayList<>();

  /**
   * @param random of cryptographic strength, but in tests
   */
  Calls(Vertx vertx, ScriptRunner runner, StoreSettings settings, Random random) {
    this.vertx = vertx;
    this.runner = runner;
    this.settings = settings;
    this.random = random;
    this.bounds =
        Packed.ms(Buffer.buffer().appendInt(settings.attemptsKept()), settings.retention());
    runner.onUp(this::resend);
  }

  /** The first three arguments of every script: the time, random bytes and the bounds. */
  List<Object> arguments() {
    Supplier<Long> now = settings.now();
    List<Object> arguments = new ArrayList<>();
    arguments.add(now == null ? "" : Long.toString(now.get()));
    arguments.add(Buffer.buffer().appendLong(random.nextLong()));
    arguments.add(bounds);
    return arguments;
  }

  long randomBits() {
    return random.nextLong();
  }

  Future<Response> run(Script script, List<?> keys, List<?> arguments) {
    return run(script, keys, arguments, () -> {});
  }

  /**
   * Runs a script.
   *
   * @param onSend runs each time that the call is sent, the first time included
   */
  Future<Response> run(Script script, List<?> keys, List<?> arguments, Runnable onSend) {
    return keepTrying(
            () -> {
              onSend.run();
              return runner.run(script, keys, arguments);
            })
        .map(reply -> answered(script, reply));
  }

  /** Runs a script that must not happen twice: where its outcome is unknown it has failed. */
  Future<Response> runOnce(Script script, List<?> keys, List<?> arguments) {
    return runner
        .run(script, keys, arguments)
        .recover(failure -> Future.failedFuture(translated(failure)))
        .map(reply -> answered(script, reply));
  }

  private static Response answered(Script script, @Nullable Response reply) {
    if (reply == null) {
      throw new IllegalStateException(script.name() + ".lua answered nothing");
    }
    return reply;
  }

  /** A command that reads. */
  Future<@Nullable Response> read(Request request) {
    return keepTrying(() -> runner.send(request));
  }

  private Future<@Nullable Response> keepTrying(Supplier<Future<@Nullable Response>> call) {
    return call.get()
        .recover(
            failure -> {
              if (failure instanceof RedisUnavailableException unavailable
                  && unavailable.outcomeUnknown()) {
                return sendAgain(call);
              }
              return Future.failedFuture(failure);
            })
        .recover(failure -> Future.failedFuture(translated(failure)));
  }

  private Future<@Nullable Response> sendAgain(Supplier<Future<@Nullable Response>> call) {
    Promise<@Nullable Response> answer = Promise.promise();
    long givingUp =
        vertx.setTimer(
            settings.resendWithin().toMillis(),
            timer -> answer.tryFail(StoreUnavailableException.unanswered()));
    Runnable attempt =
        new Runnable() {
          @Override
          public void run() {
            if (answer.future().isComplete()) {
              return;
            }
            call.get()
                .onSuccess(answer::tryComplete)
                .onFailure(
                    failure -> {
                      if (failure instanceof RedisUnavailableException) {
                        waiting.add(this);
                      } else {
                        answer.tryFail(failure);
                      }
                    });
          }
        };
    attempt.run();
    return answer.future().onComplete(any -> vertx.cancelTimer(givingUp));
  }

  private void resend() {
    List<Runnable> again = List.copyOf(waiting);
    waiting.clear();
    again.forEach(Runnable::run);
  }

  private static Throwable translated(Throwable failure) {
    if (failure instanceof RedisUnavailableException) {
      return new StoreUnavailableException(String.valueOf(failure.getMessage()), failure);
    }
    if (failure instanceof RedisFullException) {
      return new StoreFullException("Redis has reached its maxmemory", failure);
    }
    return failure;
  }
}
