package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.StartTime;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code job/cancel.lua}. */
class JobCancelScriptTest extends ScriptTest {
  @Test
  void aQueuedJob_isCanceledAtOnce() {
    start(Starts.job("a"));
    control(Scripts.CANCEL, "a", "q1", "enough");
    assertReply("{ok, X, a-------, +0}");
    assertChanged(
        """
        + c:a-------: cancel=q1 reason=enough
        ~ ev: 1=X[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=S→X closed=+0 flags=16
        - l:default/mail\\t3\\t
        ~ q:default/mail: ready=1→0
        """);
    assertRepeatable();
  }

  @Test
  void aWaitingJob_isCanceledAtOnce() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(5))));
    control(Scripts.CANCEL, "a", "q1", "");
    assertReply("{ok, X, a-------, +5000}");
    assertThat(part("tm", "a------- default/a")).isNull();
  }

  @Test
  void aPausedJob_isCanceledAtOnce() {
    start(Starts.job("a").paused());
    control(Scripts.CANCEL, "a", "q1", "");
    assertReply("{ok, X, a-------, +0}");
  }

  @Test
  void aRunningAttempt_isToldAndGoesOn() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "enough");
    assertReply("{ok, c, a-------, +0}");
    assertChanged(
        """
        + c:a-------: cancel=q1 reason=enough
        ~ ev: 2=c[#1 a------- default/a]
        ~ j:default/a: state=R→c flags=16
        + nt:default/w1: call---- default/a=+0 ttl=168h
        > ndefault/w1
        """);
    assertRepeatable();
  }

  @Test
  void aNotice_goesWithItsLease() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    lease("call", 3);
    for (String id : List.of("a", "b", "c")) {
      control(Scripts.CANCEL, id, "q1", "");
    }
    complete("a", 1, "call", "-");
    fail("b", 1, "call");
    assertThat(keyspace().keys().get("nt:default/w1"))
        .containsOnlyKeys("call---- default/c", "ttl");
    control(Scripts.TERMINATE, "c", "", "");
    assertThat(keyspace().keys()).doesNotContainKey("nt:default/w1");
  }

  @Test
  void aBuiltInDelivery_isAbortedAndCanceledAtOnce() {
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    assertReply("{ok, X, a-------, +0}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +0 X worker 1
        + c:a-------: cancel=q1
        ~ ev: 2=X[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=R→X ender=t closed=+0 flags=32→52
        - n:default/mail
        ~ q:default/mail: in=1→0
        - tm:n1
        > xcall----default/a
        """);
    assertRepeatable();
  }

  @Test
  void aSecondCancelOfARunningAttempt_isRefused() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    control(Scripts.CANCEL, "a", "q2", "");
    assertReply("{cancel_already_requested}");
    assertNothingChanged();
  }

  @Test
  void aRepeatedRequest_isOkAfterTheJobClosed() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    complete("a", 1, "call", "-");
    control(Scripts.CANCEL, "a", "q1", "");
    assertReply("{ok, C, a-------, +0}");
    assertNothingChanged();
  }

  @Test
  void aClosedJob_isRefused() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    control(Scripts.CANCEL, "a", "q1", "");
    assertReply("{closed, T}");
    assertNothingChanged();
  }

  @Test
  void anUnknownJobOrRun_isNotFound() {
    control(Scripts.CANCEL, "a", "q1", "");
    assertReply("{not_found}");
    assertNothingChanged();
    start(Starts.job("a"));
    run(Scripts.CANCEL, "a", runIdBytes("b"), "q1", "");
    assertReply("{not_found}");
    assertNothingChanged();
  }

  @Test
  void theRunNamed_isTheOneMeant() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    start(Starts.job("a").build(), "a2");
    run(Scripts.CANCEL, "a", runIdBytes("a"), "q1", "");
    assertReply("{closed, T}");
    run(Scripts.CANCEL, "a", runIdBytes("a2"), "q1", "");
    assertReply("{ok, X, a2------, +0}");
  }
}
