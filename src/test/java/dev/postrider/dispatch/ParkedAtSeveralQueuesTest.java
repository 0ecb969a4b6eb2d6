package dev.postrider.dispatch;

import static dev.postrider.dispatch.PollRequests.request;
import static dev.postrider.dispatch.PollRequests.strict;
import static dev.postrider.dispatch.PollRequests.weighted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.Wakeup;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Polls that wait at several queues at once. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class ParkedAtSeveralQueuesTest {
  private DispatchRig rig;
  private TestStore elsewhere;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
    elsewhere = rig.elsewhere(vertx, redis);
  }

  /** A job of another node, of which this one is to be called. */
  private void job(String queue, String id) {
    elsewhere.await(() -> elsewhere.jobs().start(Starts.job(id).on(queue).build()));
  }

  private List<String> idsOfAnother() {
    return rig.tasksOf(rig.poll(strict(10, 2), Duration.ZERO)).stream()
        .peek(task -> assertThat(task.token().attempt()).isEqualTo(1))
        .map(task -> task.token().key().id())
        .toList();
  }

  @Test
  void eitherQueueWakesIt() {
    Poll first = rig.parked(weighted(1, 3, 1));
    job("b", "x");
    assertThat(rig.idsOf(first)).containsExactly("x");

    Poll second = rig.parked(strict(1, 2));
    job("a", "y");
    assertThat(rig.idsOf(second)).containsExactly("y");
  }

  @Test
  void aStartInAnyOfItsQueuesBringsItsTaskAlong() {
    Poll poll = rig.parked(weighted(1, 3, 1));
    int asked = rig.calls("task/lease");
    rig.store.await(() -> rig.jobs.start(Starts.job("x").on("b").build()));

    assertThat(rig.idsOf(poll)).containsExactly("x");
    rig.settle();
    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void startsInBothQueuesAtOnceGiveOneTaskToItAndKeepTheOther() {
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.store.await(
        () ->
            rig.jobs
                .startAll(List.of(Starts.job("x").on("a").build(), Starts.job("y").on("b").build()))
                .compose(Future::all));

    assertThat(rig.idsOf(poll)).hasSize(1);
    rig.settle();
    assertThat(idsOfAnother()).hasSize(1).doesNotContainAnyElementsOf(rig.idsOf(poll));
    assertThat(rig.calls("task/hand_back")).isZero();
  }

  @Test
  void ofTwoQueuesThatWakeItInTheSameTickOneIsAskedAndNothingIsLost() {
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    int asked = rig.calls("task/lease");
    job("a", "x");
    job("b", "y");
    callBoth();
    rig.settle();
    assertThat(rig.calls("task/lease")).isEqualTo(asked + 1);
    rig.leases(HeldLeases::release);

    List<String> given = rig.idsOf(poll);
    assertThat(given).hasSize(1);
    rig.settle();
    assertThat(idsOfAnother()).hasSize(1).doesNotContainAnyElementsOf(given);
    assertThat(rig.calls("task/hand_back")).isZero();
  }

  @Test
  void twoPollsAreGivenWhatTwoQueuesWakeThemFor() {
    Poll first = rig.parked(weighted(1, 1, 1));
    Poll second = rig.parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    job("a", "x");
    job("b", "y");
    callBoth();
    rig.leases(HeldLeases::release);

    assertThat(List.of(rig.idsOf(first).get(0), rig.idsOf(second).get(0)))
        .containsExactlyInAnyOrder("x", "y");
  }

  @Test
  void everyTaskOfManyQueuesGoesToOneOfManyPolls() {
    List<Poll> polls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      polls.add(rig.poll(request(i % 2 == 0, 1, "w" + i % 7, null, 3, 2, 1), DispatchRig.LONG));
    }
    List<Future<?>> starts = new ArrayList<>();
    rig.made(
        () -> {
          for (int i = 0; i < 20; i++) {
            Starts job = Starts.job("here" + i).on(List.of("a", "b", "c").get(i % 3));
            starts.add(rig.jobs.start(job.build()));
          }
          return starts;
        });
    for (int i = 0; i < 20; i++) {
      job(List.of("a", "b", "c").get(i % 3), "there" + i);
    }
    rig.store.await(() -> Future.all(starts));

    assertThat(polls.stream().flatMap(poll -> rig.idsOf(poll).stream()))
        .hasSize(40)
        .doesNotHaveDuplicates();
  }

  @Test
  void aQueueThatCallsWhileAnotherIsAskedInVainIsAskedNext() {
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "a")));
    job("b", "y");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "b")));
    rig.leases(HeldLeases::release);
    rig.settle();
    rig.settle();
    assertThat(poll.isAnswered()).as("before a safety tick").isTrue();

    assertThat(rig.idsOf(poll)).containsExactly("y");
  }

  @Test
  void aQueueThatCallsWhileThePollArrivesIsAskedAgain() {
    rig.leases(HeldLeases::hold);
    Poll poll = rig.poll(strict(1, 2), DispatchRig.LONG);
    rig.settle();
    // what a has given is on its way: nothing
    job("a", "x");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "a")));
    rig.leases(HeldLeases::release);
    rig.settle();
    rig.settle();
    assertThat(poll.isAnswered()).as("before a safety tick").isTrue();

    assertThat(rig.idsOf(poll)).containsExactly("x");
  }

  @Test
  void queuesThatAreKnownToHaveNothingAreNotAskedAgain() {
    rig.parked(weighted(1, 1, 1, 1, 1));
    int asked = rig.calls("task/lease");
    for (int i = 0; i < 5; i++) {
      rig.parked(weighted(1, 1, 1, 1, 1));
    }

    assertThat(asked).isEqualTo(4);
    assertThat(rig.calls("task/lease") - asked).as("once for its notices").isEqualTo(5);
  }

  @Test
  void parkedItCostsTheStoreNothing() {
    rig.parked(weighted(1, 1, 1));
    int asked = rig.calls("task/lease");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "c")));
    rig.called(new Wakeup.Happened(0));
    rig.called(new Wakeup.Noticed("default", "w2"));
    rig.settle();

    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void whenCallsMayHaveBeenMissedEachQueueIsAskedOnce() {
    rig.parked(weighted(1, 1, 1, 1));
    int asked = rig.calls("task/lease");
    rig.called(new Wakeup.Missed());
    rig.settle();
    rig.settle();

    assertThat(rig.calls("task/lease") - asked).isBetween(2, 3);
  }

  @Test
  void pollsOfOneQueueAndOfSeveralAreServedInTheOrderOfTheirArrival() {
    Poll first = rig.parked(weighted(1, 1, 1));
    Poll second = rig.made(() -> rig.tasks.poll(one("a", "w2"), DispatchRig.LONG));
    rig.settle();
    Poll third = rig.parked(request(false, 1, "w3", null, 1, 1));
    job("a", "x");
    assertThat(rig.idsOf(first)).containsExactly("x");
    job("a", "y");
    assertThat(rig.idsOf(second)).containsExactly("y");
    job("a", "z");
    assertThat(rig.idsOf(third)).containsExactly("z");
  }

  private static LeaseRequest one(String queue, String worker) {
    return new LeaseRequest(new TaskQueue("default", queue), 1, worker, false);
  }

  private void callBoth() {
    rig.made(
        () -> {
          rig.wakeups.handle(new Wakeup.Leasable(new TaskQueue("default", "a")));
          rig.wakeups.handle(new Wakeup.Leasable(new TaskQueue("default", "b")));
          return "called";
        });
  }
}
