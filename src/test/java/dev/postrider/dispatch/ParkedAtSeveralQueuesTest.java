package dev.postrider.dispatch;

import static dev.postrider.dispatch.SeveralQueuesTest.request;
import static dev.postrider.dispatch.SeveralQueuesTest.strict;
import static dev.postrider.dispatch.SeveralQueuesTest.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.Notice;
import dev.postrider.job.Requested;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.StoreUnavailableException;
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

  private Poll parked(PollRequest request) {
    Poll poll = rig.poll(request, DispatchRig.LONG);
    for (int i = 0; i < request.queues().size(); i++) {
      rig.settle();
    }
    assertThat(poll.isAnswered()).isFalse();
    return poll;
  }

  /** A job of another node, of which this one is to be called. */
  private void job(String queue, String id) {
    elsewhere.await(() -> elsewhere.jobs().start(Starts.job(id).on(queue).build()));
  }

  private Task leased(String queue, String id, String worker) {
    job(queue, id);
    return rig.tasksOf(rig.poll(request(true, 1, worker, null, 1, 1), DispatchRig.LONG)).get(0);
  }

  private void abandon(Poll poll) {
    rig.made(
        () -> {
          poll.abandon();
          return "gone";
        });
  }

  private List<String> idsOfAnother() {
    return rig.tasksOf(rig.poll(strict(10, 2), Duration.ZERO)).stream()
        .peek(task -> assertThat(task.token().attempt()).isEqualTo(1))
        .map(task -> task.token().key().id())
        .toList();
  }

  @Test
  void eitherQueueWakesIt() {
    Poll first = parked(weighted(1, 3, 1));
    job("b", "x");
    assertThat(rig.idsOf(first)).containsExactly("x");

    Poll second = parked(strict(1, 2));
    job("a", "y");
    assertThat(rig.idsOf(second)).containsExactly("y");
  }

  @Test
  void aStartInAnyOfItsQueuesBringsItsTaskAlong() {
    Poll poll = parked(weighted(1, 3, 1));
    int asked = rig.calls("task/lease");
    rig.store.await(() -> rig.jobs.start(Starts.job("x").on("b").build()));

    assertThat(rig.idsOf(poll)).containsExactly("x");
    rig.settle();
    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void startsInBothQueuesAtOnceGiveOneTaskToItAndKeepTheOther() {
    Poll poll = parked(weighted(1, 1, 1));
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
    Poll poll = parked(weighted(1, 1, 1));
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
    Poll first = parked(weighted(1, 1, 1));
    Poll second = parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    job("a", "x");
    job("b", "y");
    callBoth();
    rig.leases(HeldLeases::release);

    assertThat(List.of(rig.idsOf(first).get(0), rig.idsOf(second).get(0)))
        .containsExactlyInAnyOrder("x", "y");
  }

  @Test
  void aQueueThatCallsWhileAnotherIsAskedInVainIsAskedNext() {
    Poll poll = parked(weighted(1, 1, 1));
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
  void aTaskThatComesForAPollThatIsGoneIsHandedBackAtNoCost() {
    Poll poll = parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    job("b", "x");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "b")));
    abandon(poll);
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
    rig.leases(HeldLeases::release);
    rig.settle();

    assertThat(idsOfAnother()).containsExactly("x");
    assertThat(rig.calls("task/hand_back")).isEqualTo(1);
  }

  @Test
  void whatARoundHasFoundForAPollThatIsGoneIsHandedBackAtNoCost() {
    job("a", "x");
    rig.leases(HeldLeases::hold);
    Poll poll = rig.poll(strict(2, 2), DispatchRig.LONG);
    abandon(poll);
    rig.leases(HeldLeases::release);
    rig.settle();

    assertThat(idsOfAnother()).containsExactly("x");
  }

  @Test
  void anAbandonedPollWaitsAtNoneOfItsQueues() {
    Poll poll = parked(weighted(1, 1, 1));
    abandon(poll);
    int asked = rig.calls("task/lease");
    rig.backlog("a", 1);
    rig.backlog("b", 1);
    rig.settle();

    assertThat(rig.calls("task/lease")).isEqualTo(asked);
    assertThat(idsOfAnother()).containsExactly("a0", "b0");
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
  }

  @Test
  void itTakesOnePlace(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 2, 100, 100);
    narrow.poll(weighted(1, 1, 1, 1), DispatchRig.LONG);
    narrow.poll(weighted(1, 1, 1, 1), DispatchRig.LONG);

    assertThatThrownBy(() -> narrow.tasksOf(narrow.poll(weighted(1, 1, 1, 1), DispatchRig.LONG)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.TOO_MANY_POLLS));
  }

  @Test
  void itIsAnsweredWithNothingWhenItsWaitIsOver() {
    assertThat(rig.tasksOf(rig.poll(weighted(1, 1, 1), Duration.ofMillis(30)))).isEmpty();
    assertThat(rig.tasksOf(rig.poll(strict(1, 2), Duration.ZERO))).isEmpty();
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
  }

  @Test
  void aPollWhoseLeaseIsNotAnsweredIsGivenUpAndTheLateLeaseHandedBack() {
    job("a", "x");
    rig.leases(HeldLeases::hold);
    Poll waiting = rig.poll(weighted(1, 1, 1), Duration.ofMillis(30));
    Poll atOnce = rig.poll(weighted(1, 1, 1), Duration.ZERO);

    assertThat(rig.tasksOf(waiting)).isEmpty();
    assertThatThrownBy(() -> rig.tasksOf(atOnce)).isInstanceOf(StoreUnavailableException.class);
    rig.leases(HeldLeases::release);
    rig.settle();
    assertThat(idsOfAnother()).containsExactly("x");
  }

  @Test
  void aPollWhoseLeaseFailsIsRefused() {
    rig.leases(HeldLeases::failNext);

    assertThatThrownBy(() -> rig.tasksOf(rig.poll(strict(1, 2), DispatchRig.LONG)))
        .hasMessage("this lease fails");
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
  }

  @Test
  void queuesThatAreKnownToHaveNothingAreNotAskedAgain() {
    parked(weighted(1, 1, 1, 1, 1));
    int asked = rig.calls("task/lease");
    for (int i = 0; i < 5; i++) {
      parked(weighted(1, 1, 1, 1, 1));
    }

    assertThat(asked).isEqualTo(4);
    assertThat(rig.calls("task/lease") - asked).as("once for its notices").isEqualTo(5);
  }

  @Test
  void parkedItCostsTheStoreNothing() {
    parked(weighted(1, 1, 1));
    int asked = rig.calls("task/lease");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "c")));
    rig.called(new Wakeup.Happened(0));
    rig.called(new Wakeup.Noticed("default", "w2"));
    rig.settle();

    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void whenCallsMayHaveBeenMissedEachQueueIsAskedOnce() {
    parked(weighted(1, 1, 1, 1));
    int asked = rig.calls("task/lease");
    rig.called(new Wakeup.Missed());
    rig.settle();
    rig.settle();

    assertThat(rig.calls("task/lease") - asked).isBetween(2, 3);
  }

  @Test
  void pollsOfOneQueueAndOfSeveralAreServedInTheOrderOfTheirArrival() {
    Poll first = parked(weighted(1, 1, 1));
    Poll second = rig.made(() -> rig.tasks.poll(one("a", "w2"), DispatchRig.LONG));
    rig.settle();
    Poll third = parked(request(false, 1, "w3", null, 1, 1));
    job("a", "x");
    assertThat(rig.idsOf(first)).containsExactly("x");
    job("a", "y");
    assertThat(rig.idsOf(second)).containsExactly("y");
    job("a", "z");
    assertThat(rig.idsOf(third)).containsExactly("z");
  }

  @Test
  void aNoticeEndsItAndIsToldOnce() {
    Task task = leased("b", "x", "w");
    Poll poll = parked(weighted(1, 1, 1));
    rig.cancel("x");

    assertThat(rig.answerOf(poll).notices())
        .containsExactly(new Notice(task.token(), new Requested(true, false, false)));
    assertThat(rig.answerOf(rig.poll(weighted(1, 1, 1), Duration.ZERO)).notices()).isEmpty();
  }

  @Test
  void aNoticeFromBetweenItsPollsIsTold() {
    leased("a", "x", "w");
    // a line that knows of nothing is there
    parked(request(false, 1, "w2", null, 1, 1));
    rig.cancel("x");

    assertThat(rig.answerOf(rig.poll(weighted(1, 1, 1), Duration.ZERO)).notices()).hasSize(1);
  }

  @Test
  void aNoticeEndsAPollThatWaitsForItsRate() {
    leased("a", "x", "w");
    PollRequest rated = request(false, 1, "w", 0.1, 1, 1);
    job("b", "y");
    assertThat(rig.idsOf(rig.poll(rated, DispatchRig.LONG))).containsExactly("y");
    Poll poll = parked(rated);
    rig.cancel("x");

    assertThat(rig.answerOf(poll).notices()).hasSize(1);
  }

  @Test
  void whatAnAbandonedPollWasToTellIsToldAgain() {
    leased("b", "x", "w");
    Poll poll = parked(weighted(1, 1, 1));
    rig.cancel("x");
    assertThat(rig.answerOf(poll).notices()).hasSize(1);
    abandon(poll);

    assertThat(rig.answerOf(rig.poll(weighted(1, 1, 1), DispatchRig.LONG)).notices()).hasSize(1);
  }

  @Test
  void closingAnswersItAndWhatComesLaterIsHandedBackBeforeAllIsSettled() {
    Poll poll = parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    job("b", "x");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "b")));
    List<String> order = new ArrayList<>();
    Future<Void> settled =
        rig.made(
            () -> {
              rig.tasks.close();
              return rig.tasks.settled().onSuccess(done -> order.add("settled"));
            });

    assertThat(rig.tasksOf(poll)).isEmpty();
    assertThat(rig.tasksOf(rig.poll(weighted(1, 1, 1), DispatchRig.LONG))).isEmpty();
    assertThat(settled.isComplete()).isFalse();
    rig.leases(HeldLeases::release);
    rig.store.await(() -> settled);
    assertThat(rig.calls("task/hand_back")).isEqualTo(1);
    List<Task> again = elsewhere.await(() -> elsewhere.jobs().lease(one("b", "w9"))).tasks();
    assertThat(again).hasSize(1);
    assertThat(again.get(0).token().attempt()).isEqualTo(1);
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
