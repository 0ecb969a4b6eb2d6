package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code task/hand_back.lua}. */
class TaskHandBackScriptTest extends ScriptTest {
  @Test
  void aTask_goesToTheHeadOfItsLane() {
    start(Starts.job("a"), Starts.job("b"));
    lease("call", 1);
    at(4);
    handBack("a", 1, "call");
    assertReply("{handed_back, {ok}, {}}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +4 b worker 1
        ~ ev: 3=b[#1 a------- default/a]
        ~ j:default/a: state=R→S fence=a-------→r00004#1 ender=b flags=4
        ~ l:default/mail\\t3\\t: 0=b------- default/b→r00004#1 default/a 1=b------- default/b
        - n:default/mail
        ~ q:default/mail: in=1→0 ready=1→2
        - tm
        > qdefault/mail
        """);
    again();
    assertReply("{handed_back, {ok}, {}}");
    assertNothingChanged();
    assertThat(ids(lease("two", 2))).containsExactly("a", "b");
  }

  @Test
  void afterItsScheduleToStart_itIsDueAnew() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(null, Duration.ofSeconds(5), Duration.ofMinutes(1), null)));
    at(4000);
    lease("call", 1);
    at(8000);
    handBack("a", 1, "call");
    assertThat(ids(lease("two", 1))).containsExactly("a");
  }

  @Test
  void aBatch_keepsItsOrder() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"), Starts.job("d"));
    lease("call", 3);
    run(
        Scripts.HAND_BACK,
        List.of("a", "b", "c"),
        token(1, "call"),
        token(1, "call"),
        token(1, "call"));
    assertReply("{handed_back, {ok, ok, ok}, {}}");
    assertThat(ids(lease("two", 4))).containsExactly("a", "b", "c", "d");
  }

  @Test
  void aLaneThatHadLeft_comesBack() {
    start(Starts.job("a"));
    lease("one", 1);
    lease("two", 1);
    assertThat(part("r3:default/mail", "")).isNull();
    handBack("a", 1, "one");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +0 b worker 1
        ~ ev: 2=b[#1 a------- default/a]
        ~ j:default/a: state=R→S fence=a-------→r00004#1 ender=b flags=4
        + l:default/mail\\t3\\t: 0=r00004#1 default/a
        - n:default/mail
        ~ q:default/mail: in=1→0 ready=0→1 vt3=0
        + r3:default/mail: =0
        - tm
        > qdefault/mail
        """);
  }

  @Test
  void underARequestedCancel_theJobIsCanceled() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    handBack("a", 1, "call");
    assertReply("{handed_back, {ok}, {}}");
    assertThat(state("a")).isEqualTo("X");
    assertThat(part("q:default/mail", "in")).isEqualTo("0");
  }

  @Test
  void aLeaseThatNoLongerHolds_isPassedOver() {
    start(Starts.job("a"), Starts.job("b"));
    lease("call", 2);
    complete("a", 1, "call", "-");
    run(Scripts.HAND_BACK, List.of("a", "b"), token(1, "call"), token(2, "call"));
    assertReply("{handed_back, {lost, lost}, {}}");
    assertNothingChanged();
  }

  @Test
  void severalInARowByOneWorker_areKeptAsOne() {
    start(Starts.job("a"));
    for (int i = 0; i < 3; i++) {
      at(i);
      lease("call" + i, 1);
      handBack("a", 1, "call" + i);
    }
    assertThat(keyspace().keys().get("a:a-------").values())
        .containsExactly("#1 due +0 started +2 ended +2 b worker 1");
    lease("last", 1);
    fail("a", 1, "last");
    at(1002);
    reap();
    lease("next", 1);
    handBack("a", 2, "next");
    assertThat(keyspace().keys().get("a:a-------")).hasSize(3);
  }

  @Test
  void handedBackAttempts_areWithinTheBound() {
    start(Starts.job("a"));
    for (int i = 0; i < 5; i++) {
      lease("call" + i, "default/mail", 1, "w" + i, "", "", "");
      handBack("a", 1, "call" + i);
    }
    assertThat(keyspace().keys().get("a:a-------")).hasSize(ATTEMPTS_KEPT);
    assertThat(part("c:a-------", "omitted")).isEqualTo("2");
    run(Scripts.DESCRIBE, "a", "");
    assertThat(reply()).endsWith(", 2}");
  }

  @Test
  void theLastFailure_isNotPushedOutByAttemptsHandedBack() {
    start(Starts.job("a"));
    for (int i = 1; i <= 2; i++) {
      lease("fails" + i, 1);
      fail("a", i, "fails" + i, "bad" + i, "d0");
    }
    for (int i = 0; i < 4; i++) {
      lease("call" + i, "default/mail", 1, "w" + i, "", "", "");
      handBack("a", 3, "call" + i);
    }
    assertThat(keyspace().keys().get("a:a-------")).hasSize(ATTEMPTS_KEPT);
    assertThat(part("a:a-------", "1")).endsWith("failure '<bad2>'");
  }
}
