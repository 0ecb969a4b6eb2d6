package dev.postrider.store.redis;

import dev.postrider.testing.Starts;
import org.junit.jupiter.api.Test;

/** {@code job/fail.lua}. */
class JobFailScriptTest extends ScriptTest {
  private void fail(String id, String attempt, String requestId, String how) {
    run(Scripts.FAIL_BY_ID, id, "", attempt, requestId, "bad", how, "<bad>");
  }

  @Test
  void aRunningAttempt_isTriedAgain() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", "1", "q1", "");
    assertReply("{ok, W, a-------, +1000}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +0 next +1000 F worker 1 failure '<bad>'
        + c:a-------: fail=q1
        ~ ev: 2=r[#2 at +1000 bad a------- default/a]
        ~ j:default/a: state=R→W fence=a-------→r00003#1 attempt=1→2 due=+0→+1000 ender=t flags=20
        - n:default/mail
        ~ q:default/mail: in=1→0
        ~ tm: a------- default/a=+10000→+1000
        """);
    assertRepeatable();
  }

  @Test
  void aNonRetryableFailure_closesTheJob() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", "", "q1", "n");
    assertReply("{ok, F, a-------, +0}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +0 F worker 1 failure '<bad>'
        + c:a-------: fail=q1
        ~ ev: 2=F[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=R→F ender=t closed=+0 outcome=apart retryState=NON_RETRYABLE_FAILURE flags=20
        - n:default/mail
        + o:a-------: value=<bad>
        ~ q:default/mail: in=1→0
        - tm
        """);
    assertRepeatable();
  }

  @Test
  void theDelayGiven_isTaken() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", "", "q1", "d2500");
    assertReply("{ok, W, a-------, +2500}");
  }

  @Test
  void theWorkersLateReport_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", "", "q1", "");
    fail("a", 1, "call");
    assertReply("{failed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void anotherAttempt_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", "2", "q1", "");
    assertReply("{lost}");
    assertNothingChanged();
  }

  @Test
  void aQueuedJob_isLost() {
    start(Starts.job("a"));
    fail("a", "", "q1", "");
    assertReply("{lost}");
    assertNothingChanged();
  }

  @Test
  void aClosedJob_isRefused() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "q1", "");
    fail("a", "", "q1", "");
    assertReply("{closed, T}");
    assertNothingChanged();
  }

  @Test
  void anUnknownJob_isNotFound() {
    fail("a", "", "q1", "");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
