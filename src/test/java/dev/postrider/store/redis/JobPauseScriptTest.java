package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code job/pause.lua}, and how an attempt ends under a requested pause. */
class JobPauseScriptTest extends ScriptTest {
  private void pause(String requestId) {
    control(Scripts.PAUSE, "a", requestId, "");
  }

  private void unpause(String requestId) {
    control(Scripts.UNPAUSE, "a", requestId, "", "0");
  }

  private void startOnce(int attempts) {
    start(
        Starts.job("a")
            .retry(
                new RetryPolicy(
                    Duration.ofSeconds(1), 2, Duration.ofSeconds(9), attempts, List.of(), 0)));
  }

  @Test
  void aQueuedJob_leavesItsLane() {
    start(Starts.job("a"));
    at(3);
    control(Scripts.PAUSE, "a", "q1", "wait");
    assertReply("{ok, P, a-------, +0}");
    assertChanged(
        """
        + c:a-------: pause=q1 reason=wait
        ~ ev: 1=P[#1 a------- default/a]
        ~ j:default/a: state=S→P flags=16
        - l:default/mail\\t3\\t
        ~ q:default/mail: ready=1→0
        """);
    assertRepeatable();
    assertThat(ids(lease("call", 1))).isEmpty();
  }

  @Test
  void aJobInBackOff_waitsForItsRestWhenItGoesOn() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call");
    at(400);
    pause("q1");
    assertReply("{ok, P, a-------, +1000}");
    assertThat(part("tm", "a------- default/a")).isNull();
    at(600);
    unpause("q1");
    assertReply("{ok, W, a-------, +1000}");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+1000");
  }

  @Test
  void aBackOffThatIsOver_isNotWaitedForAgain() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call");
    pause("q1");
    at(5000);
    unpause("q1");
    assertReply("{ok, S, a-------, +5000}");
  }

  @Test
  void aStartDelay_isKept() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(5))));
    pause("q1");
    assertReply("{ok, P, a-------, +5000}");
    unpause("q1");
    assertReply("{ok, W, a-------, +5000}");
  }

  @Test
  void scheduleToClose_goesOnWhilePaused() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(5), null, null, null)));
    pause("q1");
    at(4999);
    reap();
    assertThat(state("a")).isEqualTo("P");
    at(5000);
    reap();
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'e'");
  }

  @Test
  void scheduleToStart_countsAnewFromTheDispatch() {
    start(Starts.job("a").timeouts(new Timeouts(null, Duration.ofSeconds(5), null, null)));
    at(2000);
    pause("q1");
    at(60_000);
    reap();
    assertThat(state("a")).isEqualTo("P");
    unpause("q1");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+65000");
  }

  @Test
  void aRunningAttempt_goesOn() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.PAUSE, "a", "q1", "wait");
    assertReply("{ok, p, a-------, +0}");
    assertThat(part("ev", "2")).isEqualTo("p[#1 a------- default/a]");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+10000");
    assertRepeatable();
    complete("a", 1, "call", "=1");
    assertReply("{completed, +0, {{ok, C, a-------, 0}}, {}}");
  }

  @Test
  void aBuiltInDelivery_isNotAborted() {
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    pause("q1");
    assertReply("{ok, p, a-------, +0}");
    assertThat(wakes()).isEmpty();
    fail("a", 1, "call");
    assertThat(state("a")).isEqualTo("P");
  }

  @Test
  void aFailure_pausesWithTheNextAttemptToCome() {
    start(Starts.job("a"));
    lease("call", 1);
    pause("q1");
    at(4);
    fail("a", 1, "call");
    assertReply("{failed, +4, {{ok, P, a-------, +1004}}, {}}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +4 next +1004 F worker 1 failure '<http.503>'
        ~ ev: 3=q[#2 at +1004 http.503 a------- default/a]
        ~ j:default/a: state=p→P attempt=1→2 due=+0→+1004 ender=f flags=16→20
        - n:default/mail
        - nt:default/w1
        ~ q:default/mail: in=1→0
        - tm
        """);
    assertRepeatable();
  }

  @Test
  void aFailureThatEndsTheJob_endsIt() {
    startOnce(1);
    lease("call", 1);
    pause("q1");
    fail("a", 1, "call");
    assertThat(state("a")).isEqualTo("F");
    assertThat(part("j:default/a", "retryState")).isEqualTo("MAXIMUM_ATTEMPTS_REACHED");
  }

  @Test
  void aNonRetryableFailure_endsTheJob() {
    startOnce(0);
    lease("call", 1);
    pause("q1");
    fail("a", 1, "call", "bad", "n");
    assertThat(state("a")).isEqualTo("F");
  }

  @Test
  void aLostAttempt_pauses() {
    start(Starts.job("a"));
    lease("call", 1);
    pause("q1");
    at(10_000);
    reap();
    assertThat(state("a")).isEqualTo("P");
    assertThat(part("j:default/a", "attempt")).isEqualTo("2");
    assertThat(part("ev", "3"))
        .isEqualTo("q[#2 at +11000 timeout.start_to_close a------- default/a]");
    unpause("q1");
    assertReply("{ok, W, a-------, +11000}");
  }

  @Test
  void aLostNode_pauses() {
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    pause("q1");
    at(1999);
    run(Scripts.LAPSE, List.of(), "100");
    for (int ms = 3998; ms < 11_000; ms += 1999) {
      at(ms);
      run(Scripts.LAPSE, List.of(), "100");
    }
    assertThat(state("a")).isEqualTo("P");
    assertThat(part("j:default/a", "attempt")).isEqualTo("2");
  }

  @Test
  void aTaskHandedBack_pausesAtTheSameAttempt() {
    start(Starts.job("a"));
    at(2);
    lease("call", 1);
    pause("q1");
    at(4);
    handBack("a", 1, "call");
    assertReply("{handed_back, {ok}, {}}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +2 ended +4 b worker 1
        ~ ev: 3=P[#1 a------- default/a]
        ~ j:default/a: state=p→P ender=b flags=16→20
        - n:default/mail
        - nt:default/w1
        ~ q:default/mail: in=1→0
        - tm
        """);
  }

  @Test
  void unpause_withdrawsTheRequest() {
    start(Starts.job("a"));
    lease("call", 1);
    pause("q1");
    unpause("q1");
    assertReply("{ok, R, a-------, +0}");
    assertThat(part("ev", "3")).isEqualTo("v[#1 a------- default/a]");
    assertRepeatable();
    fail("a", 1, "call");
    assertThat(state("a")).isEqualTo("W");
  }

  @Test
  void aCancel_dropsTheRequest() {
    start(Starts.job("a"));
    lease("call", 1);
    pause("q1");
    control(Scripts.CANCEL, "a", "q1", "");
    fail("a", 1, "call");
    assertThat(state("a")).isEqualTo("F");
    assertThat(part("j:default/a", "retryState")).isEqualTo("CANCEL_REQUESTED");
  }

  @Test
  void aCancelOfABuiltInDelivery_abortsIt() {
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    pause("q1");
    control(Scripts.CANCEL, "a", "q1", "");
    assertReply("{ok, X, a-------, +0}");
    assertThat(wakes()).containsExactly("> xcall----default/a");
  }

  @Test
  void aJobStartedPaused_staysPaused() {
    start(Starts.job("a").paused());
    pause("q1");
    assertReply("{ok, P, a-------, +0}");
    assertChanged(
        """
        + c:a-------: pause=q1
        ~ j:default/a: flags=16
        """);
  }

  @Test
  void anUnknownJob_isNotFound() {
    pause("q1");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
