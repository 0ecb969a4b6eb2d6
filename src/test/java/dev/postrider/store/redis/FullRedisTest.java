package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.JobKey;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.Completion;
import dev.postrider.store.Control;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.ReportResult;
import dev.postrider.store.StoreFullException;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Redis that has reached its maxmemory takes no new jobs, and gets rid of the old ones. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class FullRedisTest {
  @Test
  void startsAreRefusedAndEverythingElseGoesOn(RedisServer redis, Vertx vertx) throws Exception {
    TestStore store = new TestStore(vertx, redis);
    for (String id : new String[] {"a", "b", "c"}) {
      store.await(() -> store.jobs().start(Starts.job(id).build()));
    }
    try (RedisServer.Setting full = redis.set("maxmemory", "1")) {
      assertThat(full).isNotNull();
      assertThatThrownBy(() -> store.await(() -> store.jobs().start(Starts.job("d").build())))
          .isInstanceOf(StoreFullException.class);
      assertThat(store.await(() -> store.jobs().describe(new JobKey("default", "d"), null)))
          .isEmpty();

      LeaseRequest one = new LeaseRequest(new TaskQueue("default", "mail"), 1, "w", false);
      Task task = store.await(() -> store.jobs().lease(one)).tasks().get(0);
      Completion done = new Completion(task.token(), Buffer.buffer("200"), null);
      assertThat(store.await(() -> store.jobs().complete(done)))
          .isInstanceOf(ReportResult.Accepted.class);
      store.await(
          () -> store.jobs().cancel(new Control(new JobKey("default", "b"), null, null, null)));
      assertThat(store.await(() -> store.jobs().delete(new JobKey("default", "c"), null))).isTrue();
    }
    store.await(() -> store.jobs().start(Starts.job("d").build()));
  }
}
