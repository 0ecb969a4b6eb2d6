package dev.postrider.dispatch;

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

/** Polls of workers that take no more than so many tasks per second. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class RatedPollsTest {
  private DispatchRig rig;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
    rig.start("first");
    assertThat(rig.idsOf(rig.ratedPoll("slow", 1))).containsExactly("first");
  }

  @Test
  void aPollWaitsForItsRateAndAsksThenByItself() {
    rig.start("second");
    Poll poll = rig.ratedPoll("slow", 1);
    rig.settle();
    assertThat(poll.isAnswered()).isFalse();
    rig.store.advance(Duration.ofSeconds(1));

    assertThat(rig.idsOf(poll)).containsExactly("second");
  }

  @Test
  void aPollThatWaitsForItsRateAsksForNothing() {
    rig.start("second");
    Poll poll = rig.ratedPoll("slow", 0.01);
    rig.settle();
    int asked = rig.calls("task/lease");
    for (int i = 0; i < 5; i++) {
      rig.made(
          () -> {
            rig.wakeups.handle(new Wakeup.Leasable(new TaskQueue("default", "mail")));
            return "heard";
          });
      rig.settle();
    }

    assertThat(poll.isAnswered()).isFalse();
    assertThat(rig.calls("task/lease")).isEqualTo(asked);
  }

  @Test
  void theOthersInTheLineGoOn() {
    Poll slow = rig.ratedPoll("slow", 0.01);
    rig.settle();
    Poll quick = rig.poll("quick", DispatchRig.LONG);
    rig.settle();
    rig.start("second");

    assertThat(rig.idsOf(quick)).containsExactly("second");
    rig.start("third");
    assertThat(rig.idsOf(rig.poll("quick", DispatchRig.LONG))).containsExactly("third");
    assertThat(slow.isAnswered()).isFalse();
  }

  @Test
  void whatARateLeavesIsForThoseBehindIt(Vertx vertx, RedisServer redis) {
    rig.store.advance(Duration.ofSeconds(1));
    Poll slow =
        rig.made(
            () ->
                rig.tasks.poll(
                    new LeaseRequest(DispatchRig.MAIL, 10, "slow", false, 1.0), DispatchRig.LONG));
    Poll quick = rig.poll("quick", DispatchRig.LONG);
    rig.settle();
    TestStore elsewhere = rig.elsewhere(vertx, redis);
    elsewhere.await(
        () ->
            Future.all(
                elsewhere.jobs().start(Starts.job("second").build()),
                elsewhere.jobs().start(Starts.job("third").build())));

    assertThat(rig.idsOf(slow)).containsExactly("second");
    rig.settle();
    assertThat(quick.isAnswered()).as("asked for right behind").isTrue();
    assertThat(rig.idsOf(quick)).containsExactly("third");
  }

  @Test
  void aNoticeForAPollThatWaitsForItsRateDoesNotWaitForABacklog(Vertx vertx, RedisServer redis) {
    List<String> order = new ArrayList<>();
    Poll slow = rig.ratedPoll("slow", 0.01);
    slow.answer().onSuccess(answer -> order.add("slow"));
    rig.settle();
    List<Poll> quick = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Poll poll = rig.poll("quick" + i, DispatchRig.LONG);
      poll.answer().onSuccess(answer -> order.add("quick"));
      quick.add(poll);
    }
    rig.settle();
    rig.leases(HeldLeases::hold);
    TestStore elsewhere = rig.elsewhere(vertx, redis);
    for (int i = 0; i < 5; i++) {
      Starts job = Starts.job("j" + i);
      elsewhere.await(() -> elsewhere.jobs().start(job.build()));
    }
    rig.called(new Wakeup.Leasable(DispatchRig.MAIL));
    rig.settle();
    rig.cancel("first");
    rig.called(new Wakeup.Noticed("default", "slow"));
    rig.leases(HeldLeases::release);

    quick.forEach(poll -> assertThat(rig.tasksOf(poll)).hasSize(1));
    assertThat(rig.answerOf(slow).notices()).hasSize(1);
    assertThat(order.indexOf("slow")).isLessThan(order.lastIndexOf("quick"));
  }

  @Test
  void aPollThatWaitsForItsRateIsStillEndedByANotice() {
    Poll slow = rig.ratedPoll("slow", 0.01);
    rig.settle();
    rig.cancel("first");

    assertThat(rig.answerOf(slow).notices()).hasSize(1);
  }

  @Test
  void aPollWhoseWaitEndsBeforeItsRateGivesIsAnsweredWithNothing() {
    rig.start("second");
    assertThat(
            rig.tasksOf(
                rig.made(
                    () ->
                        rig.tasks.poll(
                            new LeaseRequest(DispatchRig.MAIL, 1, "slow", false, 0.01),
                            Duration.ofMillis(30)))))
        .isEmpty();
  }
}
