package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.StartTime;
import dev.postrider.testing.Starts;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code job/retry_now.lua}. */
class JobRetryNowScriptTest extends ScriptTest {
  @Test
  void aJobInBackOff_isDispatchedNowWithItsAttempt() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call");
    at(1);
    control(Scripts.RETRY_NOW, "a", "q1", "now");
    assertReply("{ok, S, a-------, +1}");
    assertChanged(
        """
        + c:a-------: reason=now retry_now=q1
        ~ ev: 3=n[#2 a------- default/a]
        ~ j:default/a: state=W→S fence=r00003#1→r00004#1 due=+1000→+1 flags=4→20
        + l:default/mail\\t3\\t: 0=r00004#1 default/a
        ~ q:default/mail: ready=0→1
        - tm
        > qdefault/mail
        """);
    assertRepeatable();
  }

  @Test
  void aJobBeforeItsStartTime_isDispatchedNow() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofHours(1))));
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{ok, S, a-------, +0}");
    assertThat(part("j:default/a", "attempt")).isEqualTo("1");
  }

  @Test
  void aJobThatWaitsForItsTurn_staysAsItIs() {
    start(Starts.job("a"));
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{ok, S, a-------, +0}");
    assertChanged(
        """
        + c:a-------: retry_now=q1
        ~ j:default/a: flags=16
        """);
    assertRepeatable();
  }

  @Test
  void aStartedJob_isInvalid() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{invalid, R}");
    assertNothingChanged();
  }

  @Test
  void aRequestedCancel_isInvalid() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{invalid, c}");
    assertNothingChanged();
  }

  @Test
  void aPausedJob_isInvalid() {
    start(Starts.job("a").paused());
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{invalid, P}");
    assertNothingChanged();
  }

  @Test
  void aClosedJob_isRefused() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "q1", "");
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{closed, T}");
    assertNothingChanged();
  }

  @Test
  void aRepeatedRequest_isOkAfterTheJobWasLeased() {
    start(Starts.job("a"));
    control(Scripts.RETRY_NOW, "a", "q1", "");
    lease("call", 1);
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{ok, R, a-------, +0}");
    assertNothingChanged();
  }

  @Test
  void anUnknownJob_isNotFound() {
    control(Scripts.RETRY_NOW, "a", "q1", "");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
