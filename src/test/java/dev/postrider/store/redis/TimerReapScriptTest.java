package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code timer/reap.lua}. */
class TimerReapScriptTest extends ScriptTest {
  private static final Timeouts ALL =
      new Timeouts(
          Duration.ofSeconds(50),
          Duration.ofSeconds(3),
          Duration.ofSeconds(9),
          Duration.ofSeconds(7));

  @Test
  void nothingDue_movesNothingAndSaysWhenToComeAgain() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(5))));
    at(4999);
    reap();
    assertReply("{reaped, 0, 0, 1}");
    assertNothingChanged();
  }

  @Test
  void noTimer_isNever() {
    reap();
    assertReply("{reaped, 0, 0, -1}");
    assertNothingChanged();
  }

  @Test
  void aWaitingJobWhoseTimeHasCome_isQueued() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(5))));
    at(5000);
    reap();
    assertReply("{reaped, 1, 0, -1}");
    assertChanged(
        """
        ~ j:default/a: state=W→S fence=a-------→r00002#1
        + l:default/mail\\t3\\t: 0=r00002#1 default/a
        ~ q:default/mail: in=0 ready=1 vt3=0
        + r3:default/mail: =0
        - tm
        > qdefault/mail
        """);
    assertRepeatableButFor("{reaped, 0, 0, -1}");
  }

  private void assertRepeatableButFor(String reply) {
    again();
    assertReply(reply);
    assertNothingChanged();
  }

  @Test
  void aQueuedJobAtItsScheduleToStart_isTimedOut() {
    start(Starts.job("a").timeouts(ALL));
    at(2999);
    reap();
    assertReply("{reaped, 0, 0, 1}");
    at(3000);
    reap();
    assertReply("{reaped, 1, 0, -1}");
    assertChanged(
        """
        ~ ev: 1=O[#1 a------- default/a]
        + far: a------- default/a=+86463000
        ~ j:default/a: state=S→O closed=+3000 outcome='S' retryState=TIMEOUT
        - l:default/mail\\t3\\t
        ~ q:default/mail: ready=1→0
        - tm
        """);
  }

  @Test
  void aJobAtItsScheduleToClose_isTimedOutWhateverItDoes() {
    start(
        Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(9), null, null, null)),
        Starts.job("b").timeouts(new Timeouts(Duration.ofSeconds(9), null, null, null)).paused(),
        Starts.job("c")
            .timeouts(new Timeouts(Duration.ofSeconds(4), null, null, null))
            .at(new StartTime.After(Duration.ofSeconds(5))),
        Starts.job("d").timeouts(new Timeouts(Duration.ofSeconds(9), null, null, null)).on("sms"));
    lease("call", "default/sms", 1);
    at(9000);
    redis.call("ZADD", key("tm"), T0 + 9000, eight("c") + "default/c");
    run(Scripts.REAP, List.of(), "100");
    assertReply("{reaped, 4, 0, -1}");
    for (String id : List.of("a", "b", "c", "d")) {
      assertThat(state(id)).isEqualTo("O");
      assertThat(part("j:default/" + id, "outcome")).isEqualTo("'e'");
    }
    assertThat(part("q:default/sms", "in")).isEqualTo("0");
    assertThat(part("q:default/mail", "ready")).isEqualTo("0");
    assertThat(part("a:d-------", "0")).contains(" e worker 1");
  }

  @Test
  void anAttemptPastStartToClose_backsOff() {
    start(Starts.job("a"));
    lease("call", 1);
    at(9999);
    reap();
    assertReply("{reaped, 0, 0, 1}");
    at(10_000);
    reap();
    assertReply("{reaped, 1, 0, 1000}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +10000 next +11000 s worker 1
        ~ ev: 2=r[#2 at +11000 timeout.start_to_close a------- default/a]
        ~ j:default/a: state=R→W fence=a-------→r00004#1 attempt=1→2 due=+0→+11000 ender=t losses=1 flags=4
        - n:default/mail
        ~ q:default/mail: in=1→0
        ~ tm: a------- default/a=+10000→+11000
        """);
  }

  @Test
  void anAttemptPastItsHeartbeat_isDueAtOnce() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(null, null, Duration.ofSeconds(9), Duration.ofSeconds(7))));
    lease("call", 1);
    at(6999);
    reap();
    assertReply("{reaped, 0, 0, 1}");
    at(7000);
    reap();
    assertReply("{reaped, 1, 0, -1}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +7000 next +7000 h worker 1
        ~ ev: 2=r[#2 at +7000 timeout.heartbeat a------- default/a]
        ~ j:default/a: state=R→S fence=a-------→r00004#1 attempt=1→2 due=+0→+7000 ender=t losses=1 flags=4
        + l:default/mail\\t3\\t: 0=r00004#1 default/a
        - n:default/mail
        ~ q:default/mail: in=1→0 ready=0→1
        - tm
        > qdefault/mail
        """);
  }

  @Test
  void aLostLeaseOnTheLastAttempt_isTimedOut() {
    start(
        Starts.job("a")
            .retry(
                new RetryPolicy(
                    Duration.ofSeconds(1), 2, Duration.ofSeconds(100), 1, List.of(), 0)));
    lease("call", 1);
    at(10_000);
    reap();
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'s'");
    assertThat(part("j:default/a", "retryState")).isEqualTo("MAXIMUM_ATTEMPTS_REACHED");
    assertThat(part("j:default/a", "losses")).isEqualTo("1");
  }

  @Test
  void aTimeoutNamedNonRetryable_closesTheJob() {
    start(
        Starts.job("a")
            .retry(
                new RetryPolicy(
                    Duration.ofSeconds(1),
                    2,
                    Duration.ofSeconds(100),
                    0,
                    List.of("timeout.start_to_close"),
                    0)));
    lease("call", 1);
    at(10_000);
    reap();
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "retryState")).isEqualTo("NON_RETRYABLE_FAILURE");
  }

  @Test
  void aTimeoutUnderARequestedCancel_closesTheJob() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    at(10_000);
    reap();
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "retryState")).isEqualTo("CANCEL_REQUESTED");
  }

  @Test
  void aBuiltInDelivery_endsAtItsStartToCloseInItsNodesTimers() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(null, null, Duration.ofSeconds(9), Duration.ofSeconds(7))));
    leaseBuiltIn("call", 1);
    at(8999);
    reap();
    assertReply("{reaped, 0, 0, 1}");
    at(9000);
    reap();
    assertReply("{reaped, 1, 0, 1000}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +9000 next +10000 s worker 1
        ~ ev: 2=r[#2 at +10000 timeout.start_to_close a------- default/a]
        ~ j:default/a: state=R→W fence=a-------→r00004#1 attempt=1→2 due=+0→+10000 ender=t losses=1 flags=32→36
        - n:default/mail
        ~ q:default/mail: in=1→0
        + tm: a------- default/a=+10000
        - tm:n1
        > xcall----default/a
        """);
  }

  @Test
  void anEntryOfAJobThatMovedOn_isSetRight() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(null, Duration.ofSeconds(3), Duration.ofSeconds(70), null)));
    lease("call", 1);
    assertThat(part("tm", "a------- default/a")).isEqualTo("+3000");
    at(3000);
    reap();
    assertReply("{reaped, 0, 0, -1}");
    assertThat(part("tm", "a------- default/a")).isNull();
    assertThat(part("far", "a------- default/a")).isEqualTo("+70000");
  }

  @Test
  void anEntryOfAClosedOrUnknownRun_isDropped() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    redis.call("ZADD", key("tm"), T0, eight("a") + "default/a", T0, eight("x") + "default/none");
    reap();
    assertReply("{reaped, 0, 0, -1}");
    assertChanged(
        """
        - tm
        """);
  }

  @Test
  void moreThanTheBound_isLeftForTheNextPass() {
    start(
        Starts.job("a").at(new StartTime.After(Duration.ofSeconds(1))),
        Starts.job("b").at(new StartTime.After(Duration.ofSeconds(2))));
    at(2000);
    run(Scripts.REAP, List.of(), "1");
    assertReply("{reaped, 1, 1, 0}");
    assertThat(state("a")).isEqualTo("S");
    assertThat(state("b")).isEqualTo("W");
  }
}
