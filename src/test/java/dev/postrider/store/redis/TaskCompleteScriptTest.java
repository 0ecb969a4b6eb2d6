package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code task/complete.lua}. */
class TaskCompleteScriptTest extends ScriptTest {
  @Test
  void aLeasedTask_isCompleted() {
    start(Starts.job("a"));
    lease("call", 1);
    at(4);
    complete("a", 1, "call", "=200");
    assertReply("{completed, +4, {{ok, C, a-------, 0}}, {}}");
    assertChanged(
        """
        ~ ev: 2=C[#1 a------- default/a]
        + far: a------- default/a=+86460004
        ~ j:default/a: state=R→C ender=c closed=+4 outcome='200'
        - n:default/mail
        ~ q:default/mail: in=1→0
        - tm
        """);
  }

  @Test
  void theSameReportAgain_answersAsTheFirstTime() {
    start(Starts.job("a"));
    lease("call", 1);
    complete("a", 1, "call", "=200");
    again();
    assertReply("{completed, +0, {{ok, C, a-------, +0}}, {}}");
    assertNothingChanged();
  }

  @Test
  void aResponse_isKeptWithTheAttempt() {
    start(Starts.job("a"));
    lease("call", 1);
    run(Scripts.COMPLETE, "a", "n1", "0", "", "1", token(1, "call"), "-", "<200>", "0");
    assertThat(part("a:a-------", "0"))
        .isEqualTo("#1 due +0 started +0 ended +0 C worker 1 response '<200>'");
  }

  @Test
  void aLongResult_liesBesideTheRecord() {
    start(Starts.job("a"), Starts.job("b"));
    lease("call", 2);
    complete("a", 1, "call", "=12345678901");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'12345678901'");
    complete("b", 1, "call", "=123456789012");
    assertThat(part("o:b-------", "value")).isEqualTo("123456789012");
  }

  @Test
  void anEmptyResult_isAResult() {
    start(Starts.job("a"));
    lease("call", 1);
    complete("a", 1, "call", "=");
    assertThat(part("j:default/a", "outcome")).isEqualTo("''");
  }

  @Test
  void aCompletionUnderARequestedCancel_isACompletion() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    complete("a", 1, "call", "-");
    assertReply("{completed, +0, {{ok, C, a-------, 0}}, {}}");
  }

  @Test
  void anotherNonce_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    complete("a", 1, "other", "-");
    assertReply("{completed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void anotherAttempt_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    complete("a", 2, "call", "-");
    assertReply("{completed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void anAttemptThatTimedOut_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    at(10_000);
    reap();
    complete("a", 1, "call", "-");
    assertReply("{completed, +10000, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void aCompletionAfterAFailureOfTheSameAttempt_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call");
    complete("a", 1, "call", "-");
    assertReply("{completed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void aDeletedJob_isLost() {
    complete("a", 1, "call", "-");
    assertReply("{completed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void longNames_areReadWhole() {
    String dest = "https://" + "d".repeat(500) + ":443";
    String queue = "q".repeat(600);
    start(Starts.job("a").on(queue).to(dest).fairness("k".repeat(64), 1));
    lease("call", "default/" + queue, 1);
    complete("a", 1, "call", "-");
    assertReply("{completed, +0, {{ok, C, a-------, 0}}, {}}");
    assertThat(part("q:default/" + queue, "in")).isEqualTo("0");
    assertThat(keyspace().keys()).doesNotContainKey("n:default/" + queue);
  }

  @Test
  void manyReports_areJudgedOneByOneAndTheNextLeaseComesAlong() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    lease("one", 2);
    run(
        Scripts.COMPLETE,
        List.of("a", "b"),
        "n1",
        "0",
        eight("two"),
        "2",
        token(1, "one"),
        "-",
        "",
        token(7, "one"),
        "-",
        "",
        "1",
        "default/mail",
        "1",
        "w1",
        "",
        "");
    assertReply(
        "{completed, +0, {{ok, C, a-------, 0}, {lost}}, {{leased, 0, +0, default/c, <c------->}}}");
    assertChanged(
        """
        ~ ev: 4=C[#1 a------- default/a] 5=l[#1 c------- default/c]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=R→C ender=c closed=+0
        ~ j:default/c: state=S→R nonce=two----- started=+0 worker=1
        - l:default/mail\\t3\\t
        ~ lr:n1: 0=one-----|2|default/a|default/b→two-----|1|default/c
        ~ q:default/mail: ready=1→0 vt3=1000→2000
        ~ r3:default/mail: =2000→3000
        ~ tm: -a------- default/a c------- default/c=+10000
        """);
    again();
    assertThat(reply()).contains("{ok, C, a-------, ").contains("default/c, <c------->");
    assertNothingChanged();
  }

  @Test
  void whoAsksForMore_isNamed_alsoWhenTheReportIsRepeated() {
    start(Starts.job("a"));
    lease("call", 1);
    Buffer token = token(1, "call").appendString("+");
    run(Scripts.COMPLETE, "a", "n1", "0", "", "1", token, "-", "", "0");
    assertReply("{completed, +0, {{ok, C, a-------, 0, default/mail, w1}}, {}}");
    again();
    assertThat(reply()).contains("ok, C, a-------, ").contains(", default/mail, w1}");
    assertNothingChanged();
  }
}
