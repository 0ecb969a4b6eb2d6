package dev.postrider.store.redis;

import dev.postrider.testing.Starts;
import org.junit.jupiter.api.Test;

/** {@code job/terminate.lua}. */
class JobTerminateScriptTest extends ScriptTest {
  @Test
  void aQueuedJob_isTerminated() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "q1", "wrong");
    assertReply("{ok, T, a-------, +0}");
    assertChanged(
        """
        + c:a-------: reason=wrong terminate=q1
        ~ ev: 1=T[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=S→T closed=+0 flags=16
        - l:default/mail\\t3\\t
        ~ q:default/mail: ready=1→0
        """);
    assertRepeatable();
  }

  @Test
  void aRunningAttempt_endsAndItsSlotIsFreed() {
    start(Starts.job("a"));
    lease("call", 1);
    at(5);
    control(Scripts.TERMINATE, "a", "q1", "");
    assertReply("{ok, T, a-------, +0}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +5 T worker 1
        + c:a-------: terminate=q1
        ~ ev: 2=T[#1 a------- default/a]
        + far: a------- default/a=+86460005
        ~ j:default/a: state=R→T ender=t closed=+5 flags=20
        - n:default/mail
        ~ q:default/mail: in=1→0
        - tm
        """);
    assertRepeatable();
    complete("a", 1, "call", "-");
    assertReply("{completed, +5, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void aBuiltInDelivery_isAborted() {
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    control(Scripts.TERMINATE, "a", "q1", "");
    assertReply("{ok, T, a-------, +0}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +0 T worker 1
        + c:a-------: terminate=q1
        ~ ev: 2=T[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=R→T ender=t closed=+0 flags=32→52
        - n:default/mail
        ~ q:default/mail: in=1→0
        - tm:n1
        > xcall----default/a
        """);
  }

  @Test
  void aClosedJob_isRefused() {
    start(Starts.job("a"));
    control(Scripts.CANCEL, "a", "q1", "");
    control(Scripts.TERMINATE, "a", "q1", "");
    assertReply("{closed, X}");
    assertNothingChanged();
  }

  @Test
  void anUnknownJob_isNotFound() {
    control(Scripts.TERMINATE, "a", "q1", "");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
