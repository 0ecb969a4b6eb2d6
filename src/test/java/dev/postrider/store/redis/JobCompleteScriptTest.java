package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import org.junit.jupiter.api.Test;

/** {@code job/complete.lua}. */
class JobCompleteScriptTest extends ScriptTest {
  private void complete(String id, String attempt, String requestId, String outcome) {
    run(Scripts.COMPLETE_BY_ID, id, "", attempt, requestId, outcome);
  }

  @Test
  void aQueuedJob_isCompleted() {
    start(Starts.job("a"));
    complete("a", "", "q1", "=true");
    assertReply("{ok, C, a-------, +0}");
    assertChanged(
        """
        + c:a-------: complete=q1
        ~ ev: 1=C[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=S→C closed=+0 outcome='true' flags=16
        - l:default/mail\\t3\\t
        ~ q:default/mail: ready=1→0
        """);
    assertRepeatable();
  }

  @Test
  void aRunningAttempt_isEndedAndItsLateReportIsLost() {
    start(Starts.job("a"));
    lease("call", 1);
    complete("a", "1", "q1", "-");
    assertReply("{ok, C, a-------, +0}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +0 C worker 1
        + c:a-------: complete=q1
        ~ ev: 2=C[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=R→C ender=t closed=+0 flags=20
        - n:default/mail
        ~ q:default/mail: in=1→0
        - tm
        """);
    assertRepeatable();
    complete("a", 1, "call", "-");
    assertReply("{completed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void aResultOf11Bytes_isInTheRecordAndOneMoreIsNot() {
    start(Starts.job("a"), Starts.job("b"));
    complete("a", "", "", "=12345678901");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'12345678901'");
    complete("b", "", "", "=123456789012");
    assertThat(part("j:default/b", "outcome")).isEqualTo("apart");
    assertThat(part("o:b-------", "value")).isEqualTo("123456789012");
  }

  @Test
  void anotherAttempt_isLost() {
    start(Starts.job("a"));
    complete("a", "2", "q1", "-");
    assertReply("{lost}");
    assertNothingChanged();
  }

  @Test
  void aClosedJob_isRefused() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "q1", "");
    complete("a", "", "q1", "-");
    assertReply("{closed, T}");
    assertNothingChanged();
  }

  @Test
  void anUnknownJob_isNotFound() {
    complete("a", "", "q1", "-");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
