package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.redis.LostReplies;
import dev.postrider.redis.Script;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call whose reply was lost is sent again, and nobody can tell. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class LostRepliesTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void aStoryWithEveryReplyLostOnce_isTheSameStory(int partitions, RedisServer redis, Vertx vertx) {
    TestStore.Options options = TestStore.Options.DEFAULT.withPartitions(partitions);
    List<Object> undisturbed = EveryCall.on(new TestStore(vertx, redis, options));
    redis.flush();
    List<String> changes = new ArrayList<>();
    try (RawRedis raw = new RawRedis(redis.address())) {
      TestStore losing =
          new TestStore(
              vertx,
              redis,
              options.withBetween(runner -> new LosesEachReplyOnce(runner, raw, changes)));
      List<Object> disturbed = EveryCall.on(losing);

      assertThat(changes).as("what calls changed when they were sent again").isEmpty();
      assertThat(disturbed).hasSameSizeAs(undisturbed);
      for (int i = 0; i < disturbed.size(); i++) {
        assertThat(withoutRandom(disturbed.get(i)))
            .as("answer %d", i)
            .isEqualTo(withoutRandom(undisturbed.get(i)));
      }
    }
  }

  /**
   * Run ids and nonces are drawn, the event log's positions are of the server's clock, and what a
   * pass counts is what it moved itself.
   */
  private static String withoutRandom(Object answer) {
    return answer
        .toString()
        .replaceAll("runId=[0-9a-f]{16}", "runId")
        .replaceAll("rerunOf=[0-9a-f]{16}", "rerunOf")
        .replaceAll("nonce=-?[0-9]+", "nonce")
        .replaceAll("acted=[0-9]+", "acted")
        .replaceAll("position=[0-9-]+", "position");
  }

  /** Carries out each call, and says that its reply was lost, the first time that it is sent. */
  private static final class LosesEachReplyOnce implements ScriptRunner {
    private final ScriptRunner next;
    private final RawRedis raw;
    private final List<String> changes;
    private final IdentityHashMap<Object, Contents> sent = new IdentityHashMap<>();

    LosesEachReplyOnce(ScriptRunner next, RawRedis raw, List<String> changes) {
      this.next = next;
      this.raw = raw;
      this.changes = changes;
    }

    @Override
    public Future<@Nullable Response> run(Script script, List<?> keys, List<?> args) {
      return next.run(script, keys, args).compose(reply -> lose(script, args, reply));
    }

    private Future<@Nullable Response> lose(Script script, List<?> args, @Nullable Response reply) {
      Contents now = Contents.read(raw, "", new Decoded(TestStore.START_MS));
      Contents before = sent.putIfAbsent(args, now);
      if (before == null) {
        return Future.failedFuture(LostReplies.lost());
      }
      now.since(before).forEach(change -> changes.add(script.name() + " " + change));
      return Future.succeededFuture(reply);
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
}
