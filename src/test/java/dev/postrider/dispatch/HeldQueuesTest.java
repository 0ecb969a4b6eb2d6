package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RateLimit;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Wakeup;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Polls of a queue that its own limit holds, which hear only what a test lets them hear. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class HeldQueuesTest {
  private static final Wakeup LEASABLE = new Wakeup.Leasable(DispatchRig.MAIL);
  private static final Wakeup OPENED = new Wakeup.Opened(DispatchRig.MAIL);

  private DispatchRig rig;
  private PollLines lines;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
    lines = rig.made(() -> new PollLines(vertx, rig.store.jobs(), () -> {}));
  }

  private Poll poll(String worker, int maxTasks, boolean patient) {
    return rig.made(
        () -> {
          Poll poll = new Poll(patient, putBack -> {});
          LeaseRequest request = new LeaseRequest(DispatchRig.MAIL, maxTasks, worker, false);
          Parked joined = lines.of(DispatchRig.MAIL).join(poll, request);
          poll.answer().onComplete(ignored -> joined.leave());
          return poll;
        });
  }

  private Poll parked(String worker) {
    Poll poll = poll(worker, 1, true);
    rig.settle();
    assertThat(poll.isAnswered()).isFalse();
    return poll;
  }

  private void heard(Wakeup wakeup) {
    rig.made(
        () -> {
          lines.wake(wakeup);
          return "heard";
        });
    rig.settle();
  }

  private void tick() {
    rig.made(
        () -> {
          lines.tick();
          return "ticked";
        });
    rig.settle();
  }

  private int asked() {
    return rig.calls("task/lease");
  }

  private boolean goesAlong() {
    return rig.made(() -> lines.waitingFor(DispatchRig.MAIL).isPresent());
  }

  @Test
  void whatBecomesLeasableInAPausedQueueCostsTheStoreNothing() {
    rig.pauseQueue();
    rig.start("a");
    Poll first = parked("w1");
    Poll second = parked("w2");
    int before = asked();
    for (int i = 0; i < 5; i++) {
      heard(LEASABLE);
    }

    assertThat(asked()).isEqualTo(before);
    assertThat(List.of(first.isAnswered(), second.isAnswered())).containsOnly(false);
  }

  @Test
  void whatBecomesLeasableBeforeTheNextTokenCostsTheStoreNothing() {
    rig.limit(new RateLimit(0.1, 1), null);
    rig.start("a");
    rig.start("b");
    assertThat(rig.idsOf(poll("w", 1, true))).containsExactly("a");
    Poll poll = parked("w");
    int before = asked();
    for (int i = 0; i < 5; i++) {
      heard(LEASABLE);
    }

    assertThat(asked()).isEqualTo(before);
    assertThat(poll.isAnswered()).isFalse();
  }

  @Test
  void aStartTakesNoLeaseAlongIntoAHeldQueue() {
    Poll poll = parked("w");
    assertThat(goesAlong()).isTrue();
    rig.made(
        () -> {
          poll.abandon();
          return "gone";
        });
    rig.pauseQueue();
    parked("w");

    assertThat(goesAlong()).isFalse();
  }

  @Test
  void afterItsTimeTheLineAsksByItself() {
    rig.limit(new RateLimit(2, 1), null);
    List.of("a", "b", "c").forEach(rig::start);
    assertThat(rig.idsOf(poll("w1", 1, true))).containsExactly("a");
    Poll first = parked("w1");
    Poll second = parked("w2");
    int before = asked();

    rig.store.advance(Duration.ofMillis(500));
    assertThat(rig.idsOf(first)).containsExactly("b");
    rig.settle();
    assertThat(second.isAnswered()).isFalse();
    // the poll behind may ask, too, and learn that it was the only one
    assertThat(asked()).isBetween(before + 1, before + 2);
    rig.store.advance(Duration.ofMillis(500));
    assertThat(rig.idsOf(second)).containsExactly("c");
  }

  @Test
  void aQueueThatIsOpenedIsAskedAtOnce() {
    rig.pauseQueue();
    rig.start("a");
    Poll poll = parked("w");
    rig.unpauseQueue();
    heard(OPENED);

    assertThat(rig.idsOf(poll)).containsExactly("a");
  }

  @Test
  void whatIsOpenedWhileALeaseIsUnderWayIsAskedAgain() {
    rig.pauseQueue();
    rig.start("a");
    rig.leases(HeldLeases::hold);
    Poll poll = parked("w");
    rig.unpauseQueue();
    heard(OPENED);
    rig.leases(HeldLeases::release);

    assertThat(rig.idsOf(poll)).containsExactly("a");
  }

  @Test
  void aCallThatWasHeardWhileItWasHeldIsNotForgottenIfItIsHeldNoMore() {
    rig.pauseQueue();
    Poll first = parked("w1");
    rig.unpauseQueue();
    rig.leases(HeldLeases::hold);
    Poll second = parked("w2");
    // its lease has found nothing and an open queue, which nobody knows yet
    rig.start("a");
    heard(LEASABLE);
    rig.leases(HeldLeases::release);

    assertThat(rig.idsOf(first)).containsExactly("a");
    assertThat(second.isAnswered()).isFalse();
  }

  @Test
  void callsThatMayHaveBeenMissedAskWhateverIsHeld() {
    rig.pauseQueue();
    rig.start("a");
    Poll poll = parked("w");
    rig.unpauseQueue();
    heard(new Wakeup.Missed());

    assertThat(rig.idsOf(poll)).containsExactly("a");
  }

  @Test
  void theSafetyTickAsksWhateverIsHeldAndNoMoreOftenThanBefore() {
    rig.pauseQueue();
    rig.start("a");
    Poll poll = parked("w");
    int before = asked();
    for (int i = 0; i < 3 * PollLines.TICKS_BETWEEN; i++) {
      tick();
    }
    assertThat(asked()).isEqualTo(before + 3);
    heard(LEASABLE);
    assertThat(asked()).as("held again").isEqualTo(before + 3);

    rig.unpauseQueue();
    for (int i = 0; i < PollLines.TICKS_BETWEEN; i++) {
      tick();
    }
    assertThat(rig.idsOf(poll)).containsExactly("a");
  }

  @Test
  void aPollThatArrivesAsksOnceForItsNotices() {
    rig.start("a");
    assertThat(rig.idsOf(poll("w2", 1, true))).containsExactly("a");
    rig.pauseQueue();
    parked("w1");
    rig.cancel("a");
    int before = asked();

    assertThat(rig.answerOf(poll("w2", 1, true)).notices()).hasSize(1);
    parked("w2");
    assertThat(asked()).isEqualTo(before + 2);
  }

  @Test
  void aPollThatDoesNotWaitIsAnsweredWithNothing() {
    rig.pauseQueue();
    rig.start("a");
    parked("w");

    assertThat(rig.answerOf(poll("w", 1, false))).isEqualTo(LeaseResult.NOTHING);
    assertThat(rig.answerOf(poll("w2", 1, false)).isNothing()).isTrue();
  }

  @Test
  void theTasksThatCameWithTheNewsAreGiven() {
    Poll first = poll("w1", 10, true);
    Poll second = parked("w2");
    rig.limit(new RateLimit(0.1, 2), null);
    List.of("a", "b", "c").forEach(rig::start);
    int before = asked();
    heard(LEASABLE);

    assertThat(rig.tasksOf(first)).hasSize(2);
    heard(LEASABLE);
    assertThat(asked()).isEqualTo(before + 1);
    assertThat(second.isAnswered()).isFalse();
  }

  @Test
  void aPollOfSeveralQueuesPassesOverTheOneThatIsHeld(Vertx vertx) {
    rig.pauseQueue();
    rig.start("a");
    parked("w");
    rig.backlog("other", 3);
    TaskQueue other = new TaskQueue("default", "other");
    List<PollRequest.Share> queues =
        List.of(new PollRequest.Share(DispatchRig.MAIL, 1), new PollRequest.Share(other, 1));
    PollRequest request = new PollRequest(queues, true, "w", 2, null);
    int before = asked();
    Poll poll =
        rig.made(
            () -> {
              Shares shares = new Shares(new Random(1));
              Poll made = new Poll(true, putBack -> {});
              new Tour(vertx, lines, shares, request, 1 << 20, made, putBack -> {}).begin();
              return made;
            });

    assertThat(rig.tasksOf(poll).stream().map(Task::taskQueue)).containsExactly(other, other);
    assertThat(asked()).isEqualTo(before + 1);
  }
}
