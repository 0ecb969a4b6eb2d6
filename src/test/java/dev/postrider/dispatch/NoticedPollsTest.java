package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Notice;
import dev.postrider.job.Requested;
import dev.postrider.job.Task;
import dev.postrider.job.TaskToken;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.Wakeup;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Polls that tell their worker what is asked of its leases. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class NoticedPollsTest {
  private static final Requested CANCEL = new Requested(true, false, false);

  private DispatchRig rig;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
  }

  private Task leased(String id, String worker) {
    rig.start(id);
    return rig.answerOf(rig.poll(worker, DispatchRig.LONG)).tasks().get(0);
  }

  private List<Notice> noticesOf(Poll poll) {
    return rig.answerOf(poll).notices();
  }

  private static Notice canceled(Task task) {
    return new Notice(task.token(), CANCEL);
  }

  @Test
  void aParkedPollIsEndedByANotice() {
    Task task = leased("a", "w1");
    Poll parked = rig.poll("w1", DispatchRig.LONG);
    rig.settle();
    rig.cancel("a");

    assertThat(noticesOf(parked)).containsExactly(canceled(task));
    assertThat(rig.pollPlaces.availablePermits()).isEqualTo(100);
  }

  @Test
  void theNextPollTellsWhatHappenedBetweenPolls() {
    Task task = leased("a", "w1");
    rig.cancel("a");

    assertThat(noticesOf(rig.poll("w1", Duration.ZERO))).containsExactly(canceled(task));
    assertThat(noticesOf(rig.poll("w1", Duration.ZERO))).isEmpty();
  }

  @Test
  void aPollBehindThoseOfOthersTellsToo() {
    Task task = leased("a", "w1");
    Poll other = rig.poll("w2", DispatchRig.LONG);
    rig.settle();
    rig.cancel("a");

    assertThat(noticesOf(rig.poll("w1", Duration.ZERO))).containsExactly(canceled(task));
    assertThat(other.isAnswered()).isFalse();
  }

  @Test
  void aNoticeEndsAPollBehindThoseOfOthers() {
    Task task = leased("a", "w1");
    Poll other = rig.poll("w2", DispatchRig.LONG);
    Poll own = rig.poll("w1", DispatchRig.LONG);
    rig.settle();
    rig.cancel("a");

    assertThat(noticesOf(own)).containsExactly(canceled(task));
    assertThat(other.isAnswered()).isFalse();
  }

  @Test
  void oneOfAWorkersPollsIsEnded() {
    Task task = leased("a", "w1");
    Poll first = rig.poll("w1", DispatchRig.LONG);
    Poll second = rig.poll("w1", DispatchRig.LONG);
    rig.settle();
    rig.cancel("a");

    assertThat(noticesOf(first)).containsExactly(canceled(task));
    rig.settle();
    assertThat(second.isAnswered()).isFalse();
  }

  @Test
  void aCallForAWorkerWithoutAParkedPollCostsNothing() {
    rig.poll("w1", DispatchRig.LONG);
    rig.settle();
    int asked = rig.calls("task/lease");
    rig.made(
        () -> {
          rig.wakeups.handle(new Wakeup.Noticed("default", "w2"));
          rig.wakeups.handle(new Wakeup.Noticed("other", "w1"));
          return "heard";
        });
    rig.settle();

    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void parkedPollsOfManyWorkersAskOnceEachAndThenOnlyTheOneThatIsCalled() {
    Task task = leased("a", "w7");
    int before = rig.calls("task/lease");
    List<Poll> polls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      polls.add(rig.poll("w" + i, DispatchRig.LONG));
    }
    rig.settle();
    rig.settle();
    int asked = rig.calls("task/lease");
    rig.cancel("a");

    assertThat(noticesOf(polls.get(7))).containsExactly(canceled(task));
    rig.settle();
    assertThat(asked).isBetween(before + 1, before + 20);
    assertThat(rig.calls("task/lease")).isEqualTo(asked + 1);
    assertThat(polls).filteredOn(Poll::isAnswered).hasSize(1);
  }

  @Test
  void pollsOfManyWorkersAskTogether() {
    List<Poll> polls = new ArrayList<>();
    rig.made(
        () -> {
          for (int i = 0; i < 60; i++) {
            polls.add(
                rig.tasks.poll(
                    new LeaseRequest(DispatchRig.MAIL, 1, "w" + i, false), DispatchRig.LONG));
          }
          return polls;
        });
    // two round trips see the first one's lease and then all the others
    rig.settle();
    rig.settle();

    assertThat(rig.calls("task/lease")).isLessThanOrEqualTo(3);
    rig.start("a");
    assertThat(rig.idsOf(polls.get(0))).containsExactly("a");
  }

  @Test
  void whatAnAbandonedPollWasToTellIsToldAgain() {
    Task task = leased("a", "w1");
    Poll parked = rig.poll("w1", DispatchRig.LONG);
    rig.settle();
    rig.cancel("a");
    assertThat(noticesOf(parked)).hasSize(1);
    rig.made(
        () -> {
          parked.abandon();
          return "gone";
        });

    assertThat(noticesOf(rig.poll("w1", DispatchRig.LONG))).containsExactly(canceled(task));
    assertThat(rig.calls("task/notify")).isEqualTo(1);
  }

  @Test
  void whatAHeartbeatHasAnsweredNeedsNoNotice() {
    Task task = leased("a", "w1");
    rig.cancel("a");
    TaskToken token = task.token();
    assertThat(rig.store.await(() -> rig.tasks.heartbeat(new HeartbeatReport(token, null))))
        .isEqualTo(new HeartbeatResult.Recorded(CANCEL));

    assertThat(noticesOf(rig.poll("w1", Duration.ZERO))).isEmpty();
  }
}
