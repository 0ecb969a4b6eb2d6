package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.StartTime;
import dev.postrider.testing.Starts;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code job/unpause.lua}. */
class JobUnpauseScriptTest extends ScriptTest {
  @Test
  void aPausedJobThatIsDue_isQueued() {
    start(Starts.job("a").paused());
    at(7);
    control(Scripts.UNPAUSE, "a", "q1", "on", "0");
    assertReply("{ok, S, a-------, +7}");
    assertChanged(
        """
        + c:a-------: reason=on unpause=q1
        ~ ev: 1=u[#1 at +7 a------- default/a]
        ~ j:default/a: state=P→S fence=a-------→r00002#2 due=+0→+7 flags=16
        + l:default/mail\\t3\\t: 0=r00002#2 default/a
        ~ q:default/mail: in=0 ready=1 vt3=0
        + r3:default/mail: =0
        > qdefault/mail
        """);
    assertRepeatable();
  }

  @Test
  void aPausedJobWithDelayLeft_waitsForItsRest() {
    start(Starts.job("a").paused().at(new StartTime.After(Duration.ofSeconds(5))));
    at(4999);
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    assertReply("{ok, W, a-------, +5000}");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+5000");
  }

  @Test
  void aPausedJobAtTheEndOfItsDelay_isQueued() {
    start(Starts.job("a").paused().at(new StartTime.After(Duration.ofSeconds(5))));
    at(5000);
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    assertReply("{ok, S, a-------, +5000}");
  }

  @Test
  void jitter_isARandomPartOfWhatIsGiven() {
    start(Starts.job("a").paused());
    control(Scripts.UNPAUSE, "a", "q1", "", "1000");
    long due = Long.parseLong(part("j:default/a", "due"));
    assertThat(due).isBetween(0L, 999L);
  }

  @Test
  void anUnpausedJob_staysAsItIs() {
    start(Starts.job("a"));
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    assertReply("{ok, S, a-------, +0}");
    assertChanged(
        """
        + c:a-------: unpause=q1
        ~ j:default/a: flags=16
        """);
    assertRepeatable();
  }

  @Test
  void aRequestedCancel_isInvalid() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    control(Scripts.UNPAUSE, "a", "q2", "", "0");
    assertReply("{invalid, c}");
    assertNothingChanged();
  }

  @Test
  void aClosedJob_isRefused() {
    start(Starts.job("a"));
    control(Scripts.CANCEL, "a", "q1", "");
    control(Scripts.UNPAUSE, "a", "q2", "", "0");
    assertReply("{closed, X}");
    assertNothingChanged();
  }

  @Test
  void aRepeatedRequest_isOkAfterTheJobClosed() {
    start(Starts.job("a").paused());
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    control(Scripts.TERMINATE, "a", "q1", "");
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    assertReply("{ok, T, a-------, +0}");
    assertNothingChanged();
  }

  @Test
  void anUnknownJob_isNotFound() {
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
