package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RetryPolicy;
import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code task/fail.lua} and the decision in {@code lib/retry.lua}. */
class TaskFailScriptTest extends ScriptTest {
  private static Starts policy(String id, int attempts, double jitter, String... types) {
    return Starts.job(id)
        .retry(
            new RetryPolicy(
                Duration.ofSeconds(1),
                3.0,
                Duration.ofSeconds(5),
                attempts,
                List.of(types),
                jitter));
  }

  @Test
  void aFailure_isTriedAgainAfterTheInterval() {
    start(Starts.job("a"));
    lease("call", 1);
    at(4);
    fail("a", 1, "call");
    assertReply("{failed, +4, {{ok, W, a-------, +1004}}, {}}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +4 next +1004 F worker 1 failure '<http.503>'
        ~ ev: 2=r[#2 at +1004 http.503 a------- default/a]
        ~ j:default/a: state=R→W fence=a-------→r00003#1 attempt=1→2 due=+0→+1004 ender=f flags=4
        - n:default/mail
        ~ q:default/mail: in=1→0
        ~ tm: a------- default/a=+10000→+1004
        """);
    assertRepeatable();
  }

  @Test
  void theSameReportAfterTheNextAttemptBegan_isLost() {
    start(Starts.job("a"));
    lease("one", 1);
    fail("a", 1, "one");
    at(1000);
    reap();
    fail("a", 1, "one");
    assertReply("{failed, +1000, {{ok, S, a-------, +1000}}, {}}");
    lease("two", 1);
    fail("a", 1, "one");
    assertReply("{failed, +1000, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void theInterval_growsUpToItsMaximum() {
    start(policy("a", 0, 0));
    long[] intervals = {1000, 3000, 5000, 5000};
    long due = 0;
    for (int i = 0; i < intervals.length; i++) {
      at(due);
      reap();
      lease("call" + i, 1);
      fail("a", i + 1, "call" + i);
      due += intervals[i];
      assertThat(part("j:default/a", "due")).isEqualTo("+" + due);
    }
  }

  @Test
  void aFailureAtOnce_isQueuedAtTheEndOfItsLane() {
    start(policy("a", 0, 0), Starts.job("b"));
    lease("call", 1);
    fail("a", 1, "call", "bad", "d0");
    assertReply("{failed, +0, {{ok, S, a-------, +0}}, {}}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +0 next +0 F worker 1 failure '<bad>'
        ~ ev: 3=r[#2 at +0 bad a------- default/a]
        ~ j:default/a: state=R→S fence=a-------→r00004#1 attempt=1→2 ender=f flags=68
        ~ l:default/mail\\t3\\t: 1=r00004#1 default/a
        - n:default/mail
        ~ q:default/mail: in=1→0 ready=1→2
        - tm
        """);
  }

  @Test
  void jitter_staysWithinItsBounds() {
    for (int i = 0; i < 40; i++) {
      start(policy("a" + i, 0, 0.5).type("t" + i));
    }
    lease("call", 40);
    for (int i = 0; i < 40; i++) {
      fail("a" + i, 1, "call");
      assertThat(Long.parseLong(part("j:default/a" + i, "due"))).isBetween(500L, 1500L);
    }
  }

  @Test
  void theDelayGiven_isTakenInsteadOfTheInterval() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call", "http.429", "d7000");
    assertReply("{failed, +0, {{ok, W, a-------, +7000}}, {}}");
  }

  @Test
  void aNonRetryableFailure_closesTheJob() {
    start(Starts.job("a"));
    lease("call", 1);
    at(4);
    fail("a", 1, "call", "bad", "n");
    assertReply("{failed, +4, {{ok, F, a-------, +0}}, {}}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +4 F worker 1 failure '<bad>'
        ~ ev: 2=F[#1 a------- default/a]
        + far: a------- default/a=+86460004
        ~ j:default/a: state=R→F ender=f closed=+4 outcome=apart retryState=NON_RETRYABLE_FAILURE flags=4
        - n:default/mail
        + o:a-------: value=<bad>
        ~ q:default/mail: in=1→0
        - tm
        """);
    assertRepeatable();
  }

  @Test
  void aNonRetryableType_closesTheJob() {
    start(policy("a", 0, 0, "worse", "bad"));
    lease("call", 1);
    fail("a", 1, "call", "bad", "");
    assertThat(part("j:default/a", "retryState")).isEqualTo("NON_RETRYABLE_FAILURE");
  }

  @Test
  void aTypeThatOnlyBeginsLikeANonRetryableOne_isTriedAgain() {
    start(policy("a", 0, 0, "bad"));
    lease("call", 1);
    fail("a", 1, "call", "bad.2", "");
    assertThat(state("a")).isEqualTo("W");
  }

  @Test
  void theLastAttempt_closesTheJob() {
    start(policy("a", 2, 0));
    lease("one", 1);
    fail("a", 1, "one");
    assertThat(state("a")).isEqualTo("W");
    at(1000);
    reap();
    lease("two", 1);
    fail("a", 2, "two");
    assertThat(state("a")).isEqualTo("F");
    assertThat(part("j:default/a", "retryState")).isEqualTo("MAXIMUM_ATTEMPTS_REACHED");
    assertRepeatable();
  }

  @ParameterizedTest
  @CsvSource({"1000, F", "1001, W"})
  void anAttemptThatWouldBeginAtScheduleToClose_closesTheJob(long limit, String state) {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofMillis(limit), null, null, null)));
    lease("call", 1);
    fail("a", 1, "call");
    assertThat(state("a")).isEqualTo(state);
    assertThat(part("j:default/a", "retryState")).isEqualTo(state.equals("F") ? "TIMEOUT" : null);
  }

  @Test
  void aRequestedCancel_comesBeforeTheOtherReasons() {
    start(policy("a", 1, 0, "bad"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    fail("a", 1, "call", "bad", "n");
    assertThat(state("a")).isEqualTo("F");
    assertThat(part("j:default/a", "retryState")).isEqualTo("CANCEL_REQUESTED");
  }

  @Test
  void theFirstAndTheLastAttempts_areKept() {
    start(policy("a", 0, 0));
    for (int i = 1; i <= 5; i++) {
      at(i * 10_000L);
      reap();
      lease("call" + i, 1);
      fail("a", i, "call" + i);
    }
    assertThat(keyspace().keys().get("a:a-------").values().stream().map(a -> a.substring(0, 2)))
        .containsExactly("#1", "#4", "#5");
  }

  @Test
  void anotherNonceOrAttempt_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "other");
    assertReply("{failed, +0, {{lost}}, {}}");
    assertNothingChanged();
    fail("a", 2, "call");
    assertReply("{failed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void aFailureAfterTheCompletionOfTheSameAttempt_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    complete("a", 1, "call", "-");
    fail("a", 1, "call");
    assertReply("{failed, +0, {{lost}}, {}}");
    assertNothingChanged();
  }

  @Test
  void manyFailures_areJudgedOneByOneAndTheNextLeaseComesAlong() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    lease("one", 2);
    run(
        Scripts.FAIL,
        List.of("a", "b"),
        "n1",
        "0",
        eight("two"),
        "2",
        token(1, "one"),
        "bad",
        "",
        "<1>",
        "",
        "",
        token(1, "two"),
        "bad",
        "",
        "<2>",
        "",
        "",
        "1",
        "default/mail",
        "1",
        "w1",
        "",
        "");
    assertReply(
        "{failed, +0, {{ok, W, a-------, +1000}, {lost}}, {{leased, 0, +0, default/c, <c------->}}}");
    again();
    assertThat(reply()).contains("{ok, W, a-------, +1000}").contains("default/c, <c------->");
    assertNothingChanged();
  }
}
