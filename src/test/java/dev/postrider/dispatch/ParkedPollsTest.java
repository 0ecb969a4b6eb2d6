package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.StoreFullException;
import dev.postrider.store.StoreUnavailableException;
import dev.postrider.store.Wakeup;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith({VertxExtension.class, RedisExtension.class})
class ParkedPollsTest {
  private DispatchRig rig;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
  }

  @Test
  void aPollIsAnsweredWithWhatIsThere() {
    rig.start("a");
    rig.start("b");

    assertThat(rig.idsOf(rig.poll(10, DispatchRig.LONG))).containsExactly("a", "b");
  }

  @Test
  void aPollThatDoesNotWaitIsAnsweredWithNothing() {
    assertThat(rig.tasksOf(rig.poll(1, Duration.ZERO))).isEmpty();
  }

  @Test
  void aPollIsAnsweredWithNothingWhenItsWaitIsOver() {
    assertThat(rig.tasksOf(rig.poll(1, Duration.ofMillis(30)))).isEmpty();
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
  }

  @Test
  void aParkedPollIsAnsweredWhenAJobIsStarted() {
    Poll poll = rig.poll(1, DispatchRig.LONG);
    rig.settle();
    rig.start("late");

    assertThat(rig.idsOf(poll)).containsExactly("late");
  }

  @Test
  void theStartItselfBringsItsTaskToAPollOnTheSameLoop() {
    Poll poll = rig.poll(1, DispatchRig.LONG);
    rig.settle();
    int asked = rig.calls("task/lease");
    rig.start("late");

    assertThat(rig.idsOf(poll)).containsExactly("late");
    rig.settle();
    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void aPollWhoseLeaseWentAlongWithAFailedStartWaitsOn(RedisServer redis) {
    Poll poll = rig.poll(1, DispatchRig.LONG);
    rig.settle();
    try (RedisServer.Setting full = redis.set("maxmemory", "1")) {
      assertThat(full).isNotNull();
      assertThatThrownBy(() -> rig.start("refused")).isInstanceOf(StoreFullException.class);
    }
    rig.settle();
    assertThat(poll.isAnswered()).isFalse();
    rig.start("taken");

    assertThat(rig.idsOf(poll)).containsExactly("taken");
  }

  @Test
  void parkedPollsTakeWhatComesInTheOrderOfTheirArrival() {
    List<Poll> polls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      polls.add(rig.poll(1, DispatchRig.LONG));
    }
    rig.settle();
    rig.start("first");
    assertThat(rig.idsOf(polls.get(0))).containsExactly("first");
    rig.start("second");
    assertThat(rig.idsOf(polls.get(1))).containsExactly("second");
    rig.start("third");
    assertThat(rig.idsOf(polls.get(2))).containsExactly("third");
    assertThat(polls.get(3).isAnswered()).isFalse();
  }

  @Test
  void oneWakeUpServesAsManyPollsAsThereAreTasks() {
    Poll first = rig.poll(1, DispatchRig.LONG);
    Poll second = rig.poll(5, DispatchRig.LONG);
    rig.settle();
    rig.store.await(
        () ->
            rig.jobs.startAll(
                List.of(
                    Starts.job("a").build(), Starts.job("b").build(), Starts.job("c").build())));

    assertThat(rig.idsOf(first)).containsExactly("a");
    assertThat(rig.idsOf(second)).isNotEmpty().doesNotContain("a");
  }

  @Test
  void parkedPollsCostTheStoreNothing() {
    for (int i = 0; i < 50; i++) {
      rig.poll(1, DispatchRig.LONG);
    }
    rig.settle();
    int asked = rig.calls("task/lease");
    rig.made(
        () -> {
          rig.wakeups.handle(new Wakeup.Leasable(new TaskQueue("default", "other")));
          rig.wakeups.handle(new Wakeup.Happened(0));
          return "heard";
        });
    rig.settle();

    assertThat(asked).isBetween(1, 50);
    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void whenWakeUpsMayHaveBeenMissedEveryQueueIsAskedOnce() {
    rig.poll(1, DispatchRig.LONG);
    rig.poll(1, DispatchRig.LONG);
    rig.settle();
    int asked = rig.calls("task/lease");
    rig.made(
        () -> {
          rig.wakeups.handle(new Wakeup.Missed());
          return "heard";
        });
    rig.settle();

    assertThat(rig.calls("task/lease")).isEqualTo(asked + 1);
  }

  @Test
  void whatWasLeasedForAnAbandonedPollIsHandedBack() {
    rig.start("a");
    Poll gone =
        rig.made(
            () -> {
              Poll poll =
                  rig.tasks.poll(
                      new LeaseRequest(DispatchRig.MAIL, 1, "w", false), DispatchRig.LONG);
              poll.abandon();
              return poll;
            });
    Task again = rig.tasksOf(rig.poll(1, DispatchRig.LONG)).get(0);

    assertThat(rig.tasksOf(gone)).isEmpty();
    assertThat(again.token().key().id()).isEqualTo("a");
    assertThat(again.token().attempt()).isEqualTo(1);
    assertThat(rig.calls("task/hand_back")).isEqualTo(1);
  }

  @Test
  void whatWasAnsweredButNotDeliveredIsHandedBack() {
    rig.start("a");
    Poll poll = rig.poll(1, DispatchRig.LONG);
    assertThat(rig.tasksOf(poll)).hasSize(1);
    rig.made(
        () -> {
          poll.abandon();
          return "gone";
        });

    assertThat(rig.idsOf(rig.poll(1, DispatchRig.LONG))).containsExactly("a");
  }

  @Test
  void onePollMoreThanTheLimitIsRefused(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 2, 100, 100);
    narrow.poll(1, DispatchRig.LONG);
    Poll second = narrow.poll(1, DispatchRig.LONG);

    assertThatThrownBy(() -> narrow.tasksOf(narrow.poll(1, DispatchRig.LONG)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.TOO_MANY_POLLS));
    assertThat(narrow.tasksOf(narrow.poll(1, Duration.ZERO))).isEmpty();
    narrow.made(
        () -> {
          second.abandon();
          return "gone";
        });
    assertThat(narrow.poll(1, DispatchRig.LONG).isAnswered()).isFalse();
  }

  @Test
  void aPollWhoseLeaseIsNotAnsweredIsGivenUpAndTheLateLeaseHandedBack() {
    rig.start("a");
    rig.leases(HeldLeases::hold);
    Poll waiting = rig.poll("w1", Duration.ofMillis(30));
    Poll atOnce = rig.poll("w2", Duration.ZERO);

    assertThat(rig.tasksOf(waiting)).isEmpty();
    assertThatThrownBy(() -> rig.tasksOf(atOnce)).isInstanceOf(StoreUnavailableException.class);
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
    rig.leases(HeldLeases::release);
    List<Task> tasks = rig.tasksOf(rig.poll("w3", DispatchRig.LONG));
    assertThat(tasks).hasSize(1);
    assertThat(tasks.get(0).token().attempt()).isEqualTo(1);
  }

  @Test
  void whatAPollWasCalledForWhoseLeaseFailedIsForThoseBehindIt(Vertx vertx, RedisServer redis) {
    Poll first = rig.poll("w1", DispatchRig.LONG);
    Poll second = rig.poll("w2", DispatchRig.LONG);
    rig.settle();
    rig.settle();
    rig.leases(HeldLeases::failNext);
    TestStore elsewhere = rig.elsewhere(vertx, redis);
    elsewhere.await(() -> elsewhere.jobs().start(Starts.job("a").build()));

    assertThatThrownBy(() -> rig.tasksOf(first)).hasMessage("this lease fails");
    long failedAt = System.nanoTime();
    assertThat(rig.idsOf(second)).containsExactly("a");
    // before a safety tick can have asked
    assertThat(Duration.ofNanos(System.nanoTime() - failedAt)).isLessThan(ParkedPolls.TICK);
  }

  @Test
  void aPollIsGivenWhatFitsIntoItsAnswer(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 10, 100, 100);
    for (String id : List.of("a", "b", "c", "d")) {
      Starts job = Starts.job(id).input(Buffer.buffer("\"" + "x".repeat(48) + "\""));
      narrow.store.await(() -> narrow.jobs.start(job.build()));
    }
    Starts longest = Starts.job("e").input(Buffer.buffer("\"" + "x".repeat(99) + "\""));
    narrow.store.await(() -> narrow.jobs.start(longest.build()));

    assertThat(narrow.idsOf(narrow.poll(10, DispatchRig.LONG))).containsExactly("a", "b");
    assertThat(narrow.idsOf(narrow.poll(10, DispatchRig.LONG))).containsExactly("c", "d");
    List<Task> last = narrow.tasksOf(narrow.poll(10, DispatchRig.LONG));
    assertThat(last).hasSize(1);
    assertThat(last.get(0).token().attempt()).isEqualTo(1);
  }

  @Test
  void closingAnswersEveryPollAndLaterOnesDoNotWait() {
    Poll waiting = rig.poll(1, DispatchRig.LONG);
    rig.settle();
    rig.made(
        () -> {
          rig.tasks.close();
          return "closed";
        });

    assertThat(rig.tasksOf(waiting)).isEmpty();
    assertThat(rig.tasksOf(rig.poll(1, DispatchRig.LONG))).isEmpty();
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
  }

  @Test
  void tasksGoToExactlyOneOfManyPolls() {
    List<Poll> polls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      polls.add(rig.poll(3, Duration.ofSeconds(2)));
    }
    List<Future<?>> starts = new ArrayList<>();
    rig.made(
        () -> {
          for (int i = 0; i < 40; i++) {
            starts.add(rig.jobs.start(Starts.job("j" + i).build()));
          }
          return starts;
        });
    rig.store.await(() -> Future.all(starts));
    List<String> got = new ArrayList<>();
    polls.forEach(poll -> got.addAll(rig.idsOf(poll)));

    assertThat(got).hasSize(40).doesNotHaveDuplicates();
  }
}
