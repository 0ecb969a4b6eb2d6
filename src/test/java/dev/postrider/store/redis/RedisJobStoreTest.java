package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.Notice;
import dev.postrider.job.Requested;
import dev.postrider.job.RunState;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.WaitingFor;
import dev.postrider.store.Completion;
import dev.postrider.store.Control;
import dev.postrider.store.Described;
import dev.postrider.store.EagerLeases;
import dev.postrider.store.FailureReport;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.QueueControl;
import dev.postrider.store.ReportResult;
import dev.postrider.store.StartResult;
import dev.postrider.store.Waits;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The way of one job through the store. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class RedisJobStoreTest {
  private static final TaskQueue MAIL = new TaskQueue("default", "mail");
  private static final LeaseRequest ONE = new LeaseRequest(MAIL, 1, "w1", false);

  @Test
  void aJobIsStartedLeasedAndCompleted(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis);
    StartResult started = store.await(() -> store.jobs().start(Starts.job("a").build()));
    assertThat(started).isInstanceOf(StartResult.Started.class);
    Job job = describe(store, "a");
    assertThat(((StartResult.Started) started).job()).isEqualTo(job);
    assertThat(job.state().waitingFor()).isEqualTo(WaitingFor.TURN);

    LeaseResult leased = store.await(() -> store.jobs().lease(ONE));
    assertThat(leased.tasks()).hasSize(1);
    Task task = leased.tasks().get(0);
    assertThat(task.input()).isEqualTo(job.content().input());
    assertThat(task.runId()).isEqualTo(job.runId());

    ReportResult report =
        store.await(
            () -> store.jobs().complete(new Completion(task.token(), Buffer.buffer("200"), null)));
    assertThat(report).isInstanceOf(ReportResult.Accepted.class);
    Job closed = describe(store, "a");
    assertThat(closed.state().status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(closed.outcome().result()).isEqualTo(Buffer.buffer("200"));
    assertThat(closed.attempts()).hasSize(1);
    assertThat(closed.attempts().get(0).worker()).isEqualTo("w1");
  }

  @Test
  void aFailedJobIsTriedAgainAfterItsInterval(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis);
    store.await(() -> store.jobs().start(Starts.job("a").build()));
    Task task = store.await(() -> store.jobs().lease(ONE)).tasks().get(0);
    Failure failure = new Failure("http.503", "busy", false, null, null, null);
    store.await(() -> store.jobs().fail(new FailureReport(task.token(), failure, null)));
    Job waiting = describe(store, "a");
    assertThat(waiting.state().waitingFor()).isEqualTo(WaitingFor.BACKOFF);
    assertThat(waiting.state().attempt()).isEqualTo(2);
    assertThat(waiting.outcome().failure()).isEqualTo(failure);

    store.advance(Duration.ofMillis(999));
    store.await(() -> store.duties().reap(0));
    assertThat(store.await(() -> store.jobs().lease(ONE)).tasks()).isEmpty();
    store.advance(Duration.ofMillis(1));
    store.await(() -> store.duties().reap(0));
    List<Task> again = store.await(() -> store.jobs().lease(ONE)).tasks();
    assertThat(again).hasSize(1);
    assertThat(again.get(0).token().attempt()).isEqualTo(2);
  }

  @Test
  void aStartTakesALeaseAlongForWhoeverWaits(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis);
    Promise<LeaseResult> taken = Promise.promise();
    store.await(
        () -> {
          store.jobs().takeAlong(queue -> Optional.of(new EagerLeases.Waiting(ONE, taken::handle)));
          return store.jobs().start(Starts.job("a").build());
        });
    List<Task> tasks = store.await(taken::future).tasks();
    assertThat(tasks).hasSize(1);
    assertThat(tasks.get(0).token().key().id()).isEqualTo("a");
    assertThat(describe(store, "a").state().runState()).isEqualTo(RunState.STARTED);
  }

  @Test
  void aLeaseOfMoreThanOneCallMayGiveGetsAllOfThem(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis);
    startMany(store, 450);
    LeaseResult some =
        store.await(() -> store.jobs().lease(new LeaseRequest(MAIL, 201, "w1", false)));
    assertThat(some.tasks()).hasSize(201);
    assertThat(some.more()).isTrue();

    LeaseResult rest =
        store.await(() -> store.jobs().lease(new LeaseRequest(MAIL, 1000, "w1", false)));
    assertThat(rest.tasks()).hasSize(249);
    assertThat(rest.more()).isFalse();
  }

  @Test
  void aLeaseThatGoesAlongIsCutAndSaysThatThereMayBeMore(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis);
    startMany(store, 201);
    Promise<LeaseResult> taken = Promise.promise();
    LeaseRequest all = new LeaseRequest(MAIL, 1000, "w1", false);
    store.await(
        () -> {
          store.jobs().takeAlong(queue -> Optional.of(new EagerLeases.Waiting(all, taken::handle)));
          return store.jobs().start(Starts.job("last").build());
        });
    LeaseResult leased = store.await(taken::future);

    assertThat(leased.tasks()).hasSize(200);
    assertThat(leased.more()).isTrue();
  }

  @Test
  void tasksBeyondTheBytesOfALeaseAreForTheNextOne(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis);
    for (String id : List.of("a", "b", "c")) {
      Starts job = Starts.job(id).input(Buffer.buffer("\"" + "x".repeat(99_998) + "\""));
      store.await(() -> store.jobs().start(job.build()));
    }
    LeaseRequest many = new LeaseRequest(MAIL, 10, "w1", false);
    LeaseResult one = store.await(() -> store.jobs().lease(many.withMaxBytes(199_999)));
    assertThat(idsOf(one)).containsExactly("a");
    assertThat(one.more()).isTrue();

    LeaseResult two = store.await(() -> store.jobs().lease(many.withMaxBytes(200_000)));
    assertThat(idsOf(two)).containsExactly("b", "c");
    assertThat(two.tasks()).allMatch(task -> task.token().attempt() == 1);
    assertThat(two.more()).isFalse();
  }

  private static List<String> idsOf(LeaseResult leased) {
    return leased.tasks().stream().map(task -> task.token().key().id()).toList();
  }

  private static void startMany(TestStore store, int count) {
    store.await(
        () -> {
          List<Future<?>> starts = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            starts.add(store.jobs().start(Starts.job("j" + i).build()));
          }
          return Future.all(starts);
        });
  }

  @Test
  void aWorkersNoticesAreToldFromAllPartitionsAlsoWithTasks(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis, TestStore.Options.DEFAULT.withPartitions(4));
    for (int i = 0; i < 12; i++) {
      Starts job = Starts.job("j" + i);
      store.await(() -> store.jobs().start(job.build()));
    }
    List<Task> tasks =
        store.await(() -> store.jobs().lease(new LeaseRequest(MAIL, 11, "w1", false))).tasks();
    List<Notice> asked = new ArrayList<>();
    for (Task task : tasks) {
      Control cancel = new Control(task.token().key(), null, null, null);
      store.await(() -> store.jobs().cancel(cancel));
      asked.add(new Notice(task.token(), new Requested(true, false, false)));
    }
    LeaseResult next = store.await(() -> store.jobs().lease(ONE));

    assertThat(next.tasks()).hasSize(1);
    assertThat(next.notices()).containsExactlyInAnyOrderElementsOf(asked);
    assertThat(store.await(() -> store.jobs().lease(ONE)).notices()).isEmpty();
  }

  @Test
  void aWorkersNoticesAreToldFromAllPartitionsOfAQueueThatIsHeld(RedisServer redis, Vertx vertx) {
    TestStore store = new TestStore(vertx, redis, TestStore.Options.DEFAULT.withPartitions(4));
    for (int i = 0; i < 12; i++) {
      Starts job = Starts.job("j" + i);
      store.await(() -> store.jobs().start(job.build()));
    }
    List<Task> tasks =
        store.await(() -> store.jobs().lease(new LeaseRequest(MAIL, 12, "w1", false))).tasks();
    store.await(() -> store.taskQueues().pause(new QueueControl(MAIL, null, null)));
    for (Task task : tasks) {
      Control cancel = new Control(task.token().key(), null, null, null);
      store.await(() -> store.jobs().cancel(cancel));
    }
    LeaseResult next = store.await(() -> store.jobs().lease(ONE));

    assertThat(next.tasks()).isEmpty();
    assertThat(next.notices()).hasSize(12);
    assertThat(next.waits().queue()).isEqualTo(Waits.UNTIL_OPENED);
    assertThat(next.more()).isFalse();
  }

  private static Job describe(TestStore store, String id) {
    return store
        .await(() -> store.jobs().describe(new JobKey("default", id), null))
        .map(Described::job)
        .orElseThrow();
  }
}
