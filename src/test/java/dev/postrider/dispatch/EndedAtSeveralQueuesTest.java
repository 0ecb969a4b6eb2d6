package dev.postrider.dispatch;

import static dev.postrider.dispatch.PollRequests.request;
import static dev.postrider.dispatch.PollRequests.strict;
import static dev.postrider.dispatch.PollRequests.weighted;
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
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What ends polls that wait at several queues, beside their tasks, and what becomes of those then.
 */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class EndedAtSeveralQueuesTest {
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

  private Task leased(String queue, String id, String worker) {
    job(queue, id);
    return rig.tasksOf(rig.poll(request(true, 1, worker, null, 1, 1), DispatchRig.LONG)).get(0);
  }

  private List<String> idsOfAnother() {
    return rig.tasksOf(rig.poll(strict(10, 2), Duration.ZERO)).stream()
        .peek(task -> assertThat(task.token().attempt()).isEqualTo(1))
        .map(task -> task.token().key().id())
        .toList();
  }

  @Test
  void aTaskThatComesForAPollThatIsGoneIsHandedBackAtNoCost() {
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    job("b", "x");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "b")));
    rig.abandon(poll);
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
    rig.abandon(poll);
    rig.leases(HeldLeases::release);
    rig.settle();

    assertThat(idsOfAnother()).containsExactly("x");
  }

  @Test
  void anAbandonedPollWaitsAtNoneOfItsQueues() {
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.abandon(poll);
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
  void aNoticeEndsItAndIsToldOnce() {
    Task task = leased("b", "x", "w");
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.cancel("x");

    assertThat(rig.answerOf(poll).notices())
        .containsExactly(new Notice(task.token(), new Requested(true, false, false)));
    assertThat(rig.answerOf(rig.poll(weighted(1, 1, 1), Duration.ZERO)).notices()).isEmpty();
  }

  @Test
  void aNoticeFromBetweenItsPollsIsTold() {
    leased("a", "x", "w");
    // a line that knows of nothing is there
    rig.parked(request(false, 1, "w2", null, 1, 1));
    rig.cancel("x");

    assertThat(rig.answerOf(rig.poll(weighted(1, 1, 1), Duration.ZERO)).notices()).hasSize(1);
  }

  @Test
  void aNoticeEndsAPollThatWaitsForItsRate() {
    leased("a", "x", "w");
    PollRequest rated = request(false, 1, "w", 0.1, 1, 1);
    job("b", "y");
    assertThat(rig.idsOf(rig.poll(rated, DispatchRig.LONG))).containsExactly("y");
    Poll poll = rig.parked(rated);
    rig.cancel("x");

    assertThat(rig.answerOf(poll).notices()).hasSize(1);
  }

  @Test
  void whatAnAbandonedPollWasToTellIsToldAgain() {
    leased("b", "x", "w");
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.cancel("x");
    assertThat(rig.answerOf(poll).notices()).hasSize(1);
    rig.abandon(poll);

    assertThat(rig.answerOf(rig.poll(weighted(1, 1, 1), DispatchRig.LONG)).notices()).hasSize(1);
  }

  @Test
  void closingAnswersItAndWhatComesLaterIsHandedBackBeforeAllIsSettled() {
    Poll poll = rig.parked(weighted(1, 1, 1));
    rig.leases(HeldLeases::hold);
    job("b", "x");
    rig.called(new Wakeup.Leasable(new TaskQueue("default", "b")));
    Future<Void> settled =
        rig.made(
            () -> {
              rig.tasks.close();
              return rig.tasks.settled();
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
}
