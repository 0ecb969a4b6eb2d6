package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code job/rerun.lua}. */
class JobRerunScriptTest extends ScriptTest {
  private void rerun(String run, String requestId, String newRun) {
    run(
        Scripts.RERUN,
        "a",
        run.isEmpty() ? "" : runIdBytes(run),
        requestId,
        "again please",
        runIdBytes(newRun));
  }

  @Test
  void aClosedJob_runsAgain() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(Duration.ofSeconds(10), null, null, null))
            .fairness("k", 1)
            .requestId("start"));
    control(Scripts.TERMINATE, "a", "q1", "");
    at(5);
    rerun("", "q2", "a2");
    assertReply("{started, <a2------>, nil}");
    assertChanged(
        """
        ~ c:a-------: reason=again please rerun=q2 rerun_as=a2------
        ~ ev: 2=s[a2------ default/a]
        + j0:default/a/a-------: state=T fence=a------- attempt=1 due=+0 closed=+0 flags=16 priority=3 run=a------- created=+0 first=+0 expires=+10000 fairness=k queue=mail request=start
        ~ j:default/a: -closed -flags -request state=T→S fence=a-------→r00003#1 due=+0→+5 run=a-------→a2------ created=+0→+5 first=+0→+5 expires=+10000→+10005 rerunOf=a-------
        + l:default/mail\\t3k\\t: 0=r00003#1 default/a
        ~ m: chunk_count=1→2
        ~ q:default/mail: ready=0→1
        + tm: a2------ default/a=+10005
        ~ x:0: 1=a2------ default/a
        ~ xn: 0=1→2
        > qdefault/mail
        """);
    assertRepeatable();
  }

  @Test
  void aLongInput_isCopied() {
    String input = "\"" + "x".repeat(1023) + "\"";
    start(Starts.job("a").input(Buffer.buffer(input)));
    control(Scripts.TERMINATE, "a", "q1", "");
    rerun("", "q2", "a2");
    assertReply("{started, <a2------>, " + input + "}");
    assertThat(part("i:a2------", "value")).isEqualTo(input);
    assertRepeatable();
  }

  @Test
  void theSameRequestId_answersWithTheRunItMade() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "q1", "");
    rerun("", "q2", "a2");
    rerun("a", "q2", "a3");
    assertReply("{started, <a2------>, nil}");
    assertNothingChanged();
  }

  @Test
  void anOlderRun_mayBeRepeated() {
    start(Starts.job("a").type("first"));
    control(Scripts.TERMINATE, "a", "q1", "");
    start(Starts.job("a").type("second").build(), "a2");
    control(Scripts.TERMINATE, "a", "q1", "");
    rerun("a", "q2", "a3");
    assertReply("{started, <a3------>, nil}");
    assertThat(part("j:default/a", "rerunOf")).isEqualTo("a-------");
    assertThat(part("j0:default/a/a2------", "state")).isEqualTo("T");
  }

  @Test
  void anOpenJob_isInvalid() {
    start(Starts.job("a"));
    rerun("", "q2", "a2");
    assertReply("{invalid, S}");
    assertNothingChanged();
  }

  @Test
  void aClosedRunOfAnIdWhoseLatestIsOpen_isInvalid() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "q1", "");
    start(Starts.job("a").build(), "a2");
    lease("call", 1);
    rerun("a", "q2", "a3");
    assertReply("{invalid, R}");
    assertNothingChanged();
  }

  @Test
  void anUnknownJob_isNotFound() {
    rerun("", "q2", "a2");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
