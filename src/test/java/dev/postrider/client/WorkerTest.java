package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.testing.Await;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker runs handlers for the tasks of its queues, and reports how they ended. */
@ExtendWith(RedisExtension.class)
class WorkerTest {

  record Email(String to, int copies) {}

  record Receipt(String messageId, BigDecimal price) {}

  @Test
  void aHandlersResultIsTheJobs(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .handle(
                    Rig.TYPE,
                    Email.class,
                    (context, email) ->
                        new Receipt(
                            email.to() + " " + context.attempt() + " " + context.idempotencyKey(),
                            new BigDecimal("1.10")))
                .start()) {

      JobHandle job =
          rig.client().start(Rig.job("j-1").input(new Email("ada@example.org", 2)).build());
      Receipt receipt = job.result(Receipt.class);
      JobDescription description = job.describe();

      assertThat(job.isStarted()).isTrue();
      assertThat(receipt)
          .isEqualTo(new Receipt("ada@example.org 1 job:default/j-1", new BigDecimal("1.10")));
      assertThat(description.status()).isEqualTo(JobStatus.COMPLETED);
      assertThat(description.input(Email.class)).hasValue(new Email("ada@example.org", 2));
      assertThat(description.worker()).hasValue(worker.name());
      assertThat(description.attempts()).hasSize(1);
      assertThat(description.attempts().get(0).outcome()).hasValue(AttemptOutcome.COMPLETED);
    }
  }

  @Test
  void aHandlerMayTakeAndGiveNothing(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .handle(Rig.TYPE, Void.class, (context, none) -> null)
                .start()) {

      assertThat(rig.client().start(Rig.job("j-1").build()).result(Object.class)).isNull();
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aHandlerMayAnswerWithAFuture(RedisServer redis) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    CompletableFuture<String> failure = new CompletableFuture<>();
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .handle("good", Void.class, (context, none) -> answer)
                .handle("bad", Void.class, (context, none) -> failure)
                .start()) {
      JobHandle good = start(rig, "good");
      JobHandle bad = start(rig, "bad");
      answer.complete("done");
      failure.completeExceptionally(ApplicationFailure.nonRetryable("late", "and bad"));

      assertThat(good.result(String.class)).isEqualTo("done");
      JobFailedException failed =
          catchThrowableOfType(JobFailedException.class, () -> bad.result(String.class));
      assertThat(failed.failure().type()).isEqualTo("late");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aBlockedHandlerDoesNotBlockOthers(RedisServer redis) {
    CountDownLatch release = new CountDownLatch(1);
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .concurrency(2)
                .handle(
                    Rig.TYPE,
                    String.class,
                    (context, input) -> {
                      if (input.equals("block")) {
                        release.await();
                      }
                      return input;
                    })
                .start()) {

      JobHandle blocked = rig.client().start(Rig.job("blocked").input("block").build());
      List<String> others =
          IntStream.range(0, 20)
              .mapToObj(i -> rig.client().start(Rig.job("j-" + i).input("go").build()))
              .map(job -> job.result(String.class))
              .toList();
      JobStatus meanwhile = blocked.describe().status();
      release.countDown();

      assertThat(others).hasSize(20).containsOnly("go");
      assertThat(meanwhile).isEqualTo(JobStatus.RUNNING);
      assertThat(blocked.result(String.class)).isEqualTo("block");
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aWorkerHoldsAsManyTasksAsItMay(RedisServer redis) {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CyclicBarrier three = new CyclicBarrier(3);
    try (Rig rig = Rig.start(redis)) {
      List<JobHandle> jobs =
          IntStream.range(0, 60)
              .mapToObj(i -> rig.client().start(Rig.job("j-" + i).build()))
              .toList();
      try (Worker worker =
          rig.client()
              .newWorker(Rig.QUEUE)
              .concurrency(3)
              .handle(
                  Rig.TYPE,
                  Void.class,
                  (context, none) -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    three.await();
                    now.decrementAndGet();
                    return null;
                  })
              .start()) {
        jobs.forEach(job -> job.result(Void.class));

        assertThat(most.get()).isEqualTo(3);
        assertThat(worker.name()).isNotEmpty();
      }
    }
  }

  @Test
  void twoWorkersOfOneQueueShareIt(RedisServer redis) {
    Set<String> workers = ConcurrentHashMap.newKeySet();
    CountDownLatch both = new CountDownLatch(2);
    TaskHandler<JsonNode> handler =
        (context, input) -> {
          both.countDown();
          both.await();
          return null;
        };
    try (Rig rig = Rig.start(redis);
        JobClient other = JobClient.create(rig.url());
        Worker first =
            rig.client()
                .newWorker(Rig.QUEUE)
                .concurrency(1)
                .handle(Rig.TYPE, JsonNode.class, handler)
                .start();
        Worker second =
            other
                .newWorker(Rig.QUEUE)
                .concurrency(1)
                .handle(Rig.TYPE, JsonNode.class, handler)
                .start()) {
      List<JobHandle> jobs =
          IntStream.range(0, 2)
              .mapToObj(i -> rig.client().start(Rig.job("j-" + i).build()))
              .toList();
      jobs.forEach(job -> job.result(Void.class));
      jobs.forEach(job -> workers.add(job.describe().worker().orElseThrow()));

      assertThat(workers).containsExactlyInAnyOrder(first.name(), second.name());
    }
  }

  @Test
  void oneWorkerServesSeveralQueues(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker("a", "b", "c")
                .concurrency(3)
                .handle(Rig.TYPE, Void.class, (context, none) -> context.task().taskQueue())
                .start()) {
      for (int i = 0; i < 30; i++) {
        String queue = List.of("a", "b", "c").get(i % 3);
        StartOptions job =
            StartOptions.newBuilder(Rig.TYPE, queue)
                .scheduleToCloseTimeout(Duration.ofMinutes(1))
                .build();

        assertThat(rig.client().start(job).result(String.class)).isEqualTo(queue);
      }
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aQueueThatIsNeverEmptyLeavesRoomForTheOthers(RedisServer redis) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker("bulk", "urgent")
                .concurrency(2)
                .handle("urgent", Void.class, (context, none) -> "done")
                .handle(
                    "bulk",
                    Void.class,
                    (context, none) -> done.get() ? null : start(rig, "bulk", "bulk").id())
                .start()) {
      for (int i = 0; i < 6; i++) {
        start(rig, "bulk", "bulk");
      }
      for (int i = 0; i < 3; i++) {
        JobHandle urgent = start(rig, "urgent", "urgent");

        assertThat(urgent.result(String.class, Duration.ofSeconds(20))).isEqualTo("done");
      }
      done.set(true);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void aWorkerNeedsAHandlerAndRoomForEachQueue(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      Worker.Builder none = rig.client().newWorker("a");
      Worker.Builder narrow =
          rig.client()
              .newWorker("a", "b")
              .concurrency(1)
              .handle(Rig.TYPE, Void.class, (context, input) -> null);

      assertThatThrownBy(none::start).hasMessageContaining("a worker needs a handler");
      assertThatThrownBy(narrow::start)
          .hasMessageContaining("concurrency must be at least the number of queues: 1");
    }
  }

  @Test
  void whatTheServiceWouldRefuseIsRefusedAtOnce(RedisServer redis) {
    try (Rig rig = Rig.start(redis)) {
      assertThatThrownBy(builder(rig, "a").name("")::start)
          .hasMessageContaining("name must have 1 to 1000 bytes, has 0");
      assertThatThrownBy(builder(rig, "a").name("é".repeat(501))::start)
          .hasMessageContaining("name must have 1 to 1000 bytes, has 1002");
      assertThatThrownBy(builder(rig, "a").name("postrider/me")::start)
          .hasMessageContaining("name must not begin with postrider/");
      assertThatThrownBy(builder(rig, "q".repeat(1001))::start)
          .hasMessageContaining("taskQueue must have 1 to 1000 bytes, has 1001");
      assertThatThrownBy(builder(rig, "a").maxTasksPerSecond(0.09)::start)
          .hasMessageContaining("maxTasksPerSecond must be at least 0.1 and finite: 0.09");
      assertThatThrownBy(builder(rig, "a").maxTasksPerSecond(Double.NaN)::start)
          .hasMessageContaining("maxTasksPerSecond must be at least 0.1 and finite: NaN");
    }
  }

  @Test
  void aWorkerWithTheLongestNameHearsOfNotices(RedisServer redis) {
    try (Rig rig = Rig.start(redis);
        Worker worker =
            rig.client()
                .newWorker(Rig.QUEUE)
                .concurrency(1)
                .name("n".repeat(1000))
                .handle(
                    Rig.TYPE,
                    Void.class,
                    (context, none) -> {
                      Await.until("it is told", context::isCancelRequested);
                      return "told";
                    })
                .start()) {
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Await.until("it runs", () -> job.describe().worker().isPresent());
      job.cancel("enough");

      assertThat(job.result(String.class)).isEqualTo("told");
      assertThat(worker.name()).hasSize(1000);
    }
  }

  @Test
  void aTaskThatTheExecutorRejectsIsHandedBackAndTakenAgain(RedisServer redis) {
    AtomicInteger rejections = new AtomicInteger();
    AtomicBoolean open = new AtomicBoolean();
    try (Rig rig = Rig.start(redis);
        Worker worker =
            builder(rig, Rig.QUEUE)
                .executor(
                    task -> {
                      if (!open.get()) {
                        rejections.incrementAndGet();
                        throw new RejectedExecutionException("no thread");
                      }
                      new Thread(task).start();
                    })
                .start()) {
      long begin = System.nanoTime();
      JobHandle job = rig.client().start(Rig.job("j-1").build());
      Await.until("some rejections", () -> rejections.get() == 4);
      double seconds = (System.nanoTime() - begin) / 1e9;
      open.set(true);

      // Rests of 50, 100 and 200 ms, each up to a fifth shorter.
      assertThat(seconds).isGreaterThan(0.27);
      assertThat(job.result(Object.class)).isNull();
      assertThat(job.describe().attempt()).isEqualTo(1);
      assertThat(worker.name()).isNotEmpty();
    }
  }

  @Test
  void maxTasksPerSecondHoldsAWorkerBack(RedisServer redis) {
    AtomicInteger done = new AtomicInteger();
    try (Rig rig = Rig.start(redis)) {
      for (int i = 0; i < 10; i++) {
        rig.client().start(Rig.job("j-" + i).input(Map.of("i", i)).build());
      }
      long begin = System.nanoTime();
      try (Worker worker =
          rig.client()
              .newWorker(Rig.QUEUE)
              .maxTasksPerSecond(4)
              .handle(Rig.TYPE, JsonNode.class, (context, input) -> done.incrementAndGet())
              .start()) {
        Await.until("ten tasks", () -> done.get() == 10);
        double seconds = (System.nanoTime() - begin) / 1e9;

        // A second's worth at once, the other six at four a second.
        assertThat(seconds).isGreaterThan(1.2);
        assertThat(worker.name()).isNotEmpty();
      }
    }
  }

  private static Worker.Builder builder(Rig rig, String queue) {
    return rig.client().newWorker(queue).handle(Rig.TYPE, Void.class, (context, none) -> null);
  }

  private static JobHandle start(Rig rig, String type) {
    return start(rig, type, Rig.QUEUE);
  }

  private static JobHandle start(Rig rig, String type, String queue) {
    return rig.client()
        .start(
            StartOptions.newBuilder(type, queue)
                .startToCloseTimeout(Duration.ofMinutes(1))
                .build());
  }
}
