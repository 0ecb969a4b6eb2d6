package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.dispatch.ReportLimits;
import dev.postrider.dispatch.Tasks;
import dev.postrider.dispatch.Wakeups;
import dev.postrider.job.RateLimit;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.QueueControl;
import dev.postrider.store.Setting;
import dev.postrider.store.Wakeup;
import dev.postrider.testing.Await;
import dev.postrider.testing.CountingRunner;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The built-in worker at a queue that its own limit holds; it hears only what a test lets it hear.
 */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class HeldDeliveriesTest {
  private static final TaskQueue MAIL = new TaskQueue("default", "mail");
  private static final Wakeup LEASABLE = new Wakeup.Leasable(MAIL);
  private static final QueueControl OF_MAIL = new QueueControl(MAIL, null, null);

  private final Map<String, AtomicInteger> calls = CountingRunner.counts();
  private final List<String> done = new CopyOnWriteArrayList<>();
  private final Wakeups wakeups = new Wakeups();
  private TestStore store;
  private @Nullable DeliveryWorker worker;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    store =
        new TestStore(
            vertx,
            redis,
            TestStore.Options.DEFAULT.withBetween(runner -> new CountingRunner(runner, calls)));
  }

  @AfterEach
  void stop() {
    DeliveryWorker started = worker;
    if (started != null) {
      store.await(() -> started.stop(Duration.ZERO));
    }
  }

  /** Starts the worker, which looks at every queue once. */
  private void work(Vertx vertx) {
    worker =
        made(
            () -> {
              Metrics metrics = new Metrics();
              Tasks tasks =
                  new Tasks(
                      vertx,
                      store.jobs(),
                      wakeups,
                      new Semaphore(0),
                      1 << 20,
                      new ReportLimits(1 << 20, 1 << 20, 1 << 20),
                      metrics);
              return new DeliveryWorker(
                  vertx,
                  tasks,
                  store.queues(),
                  wakeups,
                  Map.of("send-email", this::done),
                  Set.of("mail"),
                  "postrider/n1",
                  10,
                  new DeliveryLog(metrics));
            });
    Await.until("a first look", () -> asked() > 0);
    settle();
  }

  private TaskHandler.Work done(Task task, Duration within) {
    done.add(task.token().key().id());
    return new TaskHandler.Work() {
      @Override
      public Future<TaskHandler.Ending> ending() {
        return Future.succeededFuture(new TaskHandler.Done(null, null));
      }

      @Override
      public void abort() {}
    };
  }

  private void start(String id, String fairnessKey) {
    store.await(() -> store.jobs().start(Starts.job(id).fairness(fairnessKey, 1).build()));
    settle();
  }

  private void limit(@Nullable RateLimit queue, @Nullable RateLimit fairnessKey) {
    LimitsChange change =
        new LimitsChange(
            new Setting<>(queue),
            new Setting<>(fairnessKey),
            Entries.none(),
            Entries.none(),
            Entries.none(),
            null,
            null,
            null);
    store.await(() -> store.taskQueues().updateLimits(OF_MAIL, change));
  }

  private void pause() {
    store.await(() -> store.taskQueues().pause(OF_MAIL));
  }

  private void unpause() {
    store.await(() -> store.taskQueues().unpause(OF_MAIL));
  }

  private void heard(Wakeup wakeup) {
    made(
        () -> {
          wakeups.handle(wakeup);
          return wakeup;
        });
    settle();
  }

  private int asked() {
    return CountingRunner.of(calls, "task/lease");
  }

  private <T> T made(Supplier<T> maker) {
    return store.await(() -> Future.succeededFuture(maker.get()));
  }

  /** Lets every call that is under way be answered. */
  private void settle() {
    for (int i = 0; i < 2; i++) {
      store.await(() -> store.jobs().describe(Starts.job("nobody").build().key(), null));
    }
  }

  @Test
  void whatBecomesLeasableInAHeldQueueCostsTheStoreNothing(Vertx vertx) {
    start("a", "t");
    pause();
    work(vertx);
    int before = asked();
    for (int i = 0; i < 5; i++) {
      heard(LEASABLE);
    }

    assertThat(asked()).isEqualTo(before);
    assertThat(done).isEmpty();
  }

  @Test
  void aQueueThatIsOpenedIsAskedAtOnce(Vertx vertx) {
    start("a", "t");
    pause();
    work(vertx);
    int before = asked();
    unpause();
    heard(new Wakeup.Opened(MAIL));

    Await.until("a delivery", () -> done.equals(List.of("a")));
    assertThat(asked()).isGreaterThan(before);
  }

  @Test
  void callsThatMayHaveBeenMissedAskWhateverIsHeld(Vertx vertx) {
    start("a", "t");
    pause();
    work(vertx);
    unpause();
    heard(new Wakeup.Missed());

    Await.until("a delivery", () -> done.equals(List.of("a")));
  }

  @Test
  void theSafetyTickAsksWhateverIsHeld(Vertx vertx) {
    start("a", "t");
    pause();
    work(vertx);
    unpause();

    Await.until("a delivery", () -> done.equals(List.of("a")));
  }

  @Test
  void aStartTakesNoLeaseAlongIntoAHeldQueue(Vertx vertx) {
    start("a", "t");
    pause();
    work(vertx);
    unpause();
    // the queue could give, but the worker has not heard of it
    start("b", "t");

    assertThat(done).isEmpty();
    heard(new Wakeup.Opened(MAIL));
    Await.until("deliveries", () -> done.equals(List.of("a", "b")));
    settle();
    start("c", "t");
    assertThat(done).as("along with its start").containsExactly("a", "b", "c");
  }

  @Test
  void afterItsTimeTheQueueIsAskedThoughNothingIsHeard(Vertx vertx) {
    limit(new RateLimit(2, 1), null);
    start("a", "t");
    start("b", "t");
    work(vertx);
    Await.until("a delivery", () -> done.equals(List.of("a")));
    settle();
    store.advance(Duration.ofMillis(500));

    Await.until("another", () -> done.equals(List.of("a", "b")));
  }

  @Test
  void whatWaitsUnderALimitWithinTheQueueHoldsNothingElseUp(Vertx vertx) {
    limit(null, new RateLimit(2, 1));
    start("a", "t");
    start("b", "t");
    work(vertx);
    Await.until("a delivery", () -> done.equals(List.of("a")));
    start("c", "other");
    heard(LEASABLE);
    Await.until("another's", () -> done.equals(List.of("a", "c")));
    settle();
    store.advance(Duration.ofMillis(500));

    Await.until("the rest", () -> done.equals(List.of("a", "c", "b")));
  }
}
