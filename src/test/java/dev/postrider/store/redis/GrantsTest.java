package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RateLimit;
import dev.postrider.job.TaskQueue;
import dev.postrider.redis.LostReplies;
import dev.postrider.redis.Script;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.QueueControl;
import dev.postrider.store.Setting;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A queue's rate over four partitions, when something comes between a node and the limiter. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class GrantsTest {
  private static final TaskQueue MAIL = new TaskQueue("default", "mail");

  private TestStore store;
  private boolean seen;

  /** What becomes of the limiter's first answer to a call with these arguments. */
  private final class Between implements ScriptRunner {
    private final ScriptRunner next;
    private final BiFunction<List<?>, Response, Future<@Nullable Response>> first;

    Between(ScriptRunner next, BiFunction<List<?>, Response, Future<@Nullable Response>> first) {
      this.next = next;
      this.first = first;
    }

    @Override
    public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
      Future<@Nullable Response> reply = next.run(script, keys, args);
      return script == Scripts.LIMIT && !seen
          ? reply.compose(answer -> first.apply(args, answer))
          : reply;
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

  private void open(
      Vertx vertx,
      RedisServer redis,
      RateLimit rate,
      BiFunction<List<?>, Response, Future<@Nullable Response>> first) {
    store =
        new TestStore(
            vertx,
            redis,
            TestStore.Options.DEFAULT
                .withPartitions(4)
                .withBetween(runner -> new Between(runner, first)));
    LimitsChange change =
        new LimitsChange(
            new Setting<>(rate),
            null,
            Entries.none(),
            Entries.none(),
            Entries.none(),
            null,
            null,
            null);
    store.await(() -> store.taskQueues().updateLimits(new QueueControl(MAIL, null, null), change));
    for (int i = 0; i < 20; i++) {
      String id = "j" + i;
      store.await(() -> store.jobs().start(Starts.job(id).build()));
    }
  }

  private LeaseResult lease() {
    return store.await(() -> store.jobs().lease(new LeaseRequest(MAIL, 20, "w", false)));
  }

  @Test
  void aTokenGivenBackWhoseAnswerIsLost_isGivenBackOnce(Vertx vertx, RedisServer redis) {
    open(
        vertx,
        redis,
        new RateLimit(1, 3),
        (args, answer) -> {
          seen = args.contains("back");
          return seen ? Future.failedFuture(LostReplies.lost()) : Future.succeededFuture(answer);
        });
    LeaseResult leased = lease();
    assertThat(leased.tasks()).hasSize(3);
    store.await(() -> store.jobs().handBack(List.of(leased.tasks().get(0).token())));

    assertThat(lease().tasks()).hasSize(1);
    assertThat(seen).isTrue();
  }

  @Test
  void aGrantThatEndsBeforeItsLease_costsNothingAndIsAskedForAgain(Vertx vertx, RedisServer redis) {
    open(
        vertx,
        redis,
        new RateLimit(0.1, 1),
        (args, answer) -> {
          seen = true;
          store.advance(Duration.ofMillis(200));
          return Future.succeededFuture(answer);
        });
    LeaseResult late = lease();
    assertThat(late.tasks()).hasSizeLessThanOrEqualTo(1);
    assertThat(late.tasks().size() == 1 || late.more()).isTrue();

    assertThat(late.tasks().size() + lease().tasks().size()).isEqualTo(1);
  }
}
