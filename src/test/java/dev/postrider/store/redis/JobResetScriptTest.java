package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code job/reset.lua}, and how an attempt ends under a requested reset. */
class JobResetScriptTest extends ScriptTest {
  private void reset(String requestId) {
    reset(requestId, "", "0", "");
  }

  private void reset(String requestId, String keepPaused, String jitter, String letters) {
    control(Scripts.RESET, "a", requestId, "", keepPaused, jitter, letters);
  }

  /** In back-off before its second attempt. */
  private void failedOnce() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call");
  }

  @Test
  void aJobInBackOff_isDueNow() {
    failedOnce();
    at(7);
    control(Scripts.RESET, "a", "q1", "again", "", "0", "");
    assertReply("{ok, S, a-------, +7}");
    assertChanged(
        """
        + c:a-------: reason=again reset=q1
        ~ ev: 3=R[#1 S at +7 a------- default/a]
        ~ j:default/a: state=W→S fence=r00003#1→r00004#2 attempt=2→1 due=+1000→+7 flags=4→20
        + l:default/mail\\t3\\t: 0=r00004#2 default/a
        ~ q:default/mail: ready=0→1
        - tm
        > qdefault/mail
        """);
    assertRepeatable();
  }

  @Test
  void aQueuedJob_goesToTheEndOfItsLane() {
    start(Starts.job("a"), Starts.job("b"));
    at(7);
    reset("q1");
    assertReply("{ok, S, a-------, +7}");
    assertThat(ids(lease("call", 2))).containsExactly("b", "a");
  }

  @Test
  void jitter_isARandomPartOfWhatIsGiven() {
    failedOnce();
    reset("q1", "", "1000", "");
    assertThat(Long.parseLong(part("j:default/a", "due"))).isBetween(0L, 999L);
    assertThat(part("j:default/a", "attempt")).isEqualTo("1");
  }

  @Test
  void aStartDelay_isKept() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(5))));
    reset("q1");
    assertReply("{ok, W, a-------, +5000}");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+5000");
  }

  @Test
  void aPausedJob_goesOn() {
    failedOnce();
    control(Scripts.PAUSE, "a", "q1", "");
    at(7);
    reset("q1");
    assertReply("{ok, S, a-------, +7}");
    assertThat(ids(lease("two", 1))).containsExactly("a");
  }

  @Test
  void aPausedJobThatIsToStayPaused_isAtItsFirstAttempt() {
    failedOnce();
    control(Scripts.PAUSE, "a", "q1", "");
    at(7);
    reset("q1", "k", "1000", "");
    assertReply("{ok, P, a-------, +7}");
    assertChanged(
        """
        ~ c:a-------: reset=q1
        ~ ev: 4=R[#1 P at +7 a------- default/a]
        ~ j:default/a: attempt=2→1 due=+1000→+7
        """);
    assertRepeatable();
  }

  @Test
  void scheduleToClose_isNotRestarted() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(30), null, null, null)));
    at(7000);
    reset("q1");
    assertThat(part("j:default/a", "expires")).isEqualTo("+30000");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+30000");
  }

  @Test
  void heartbeatDetails_stayOrGo() {
    failedOnce();
    heartbeat();
    reset("q1");
    assertThat(part("h:a-------", "value")).isEqualTo("[4]");
    reset("q2", "", "0", "h");
    assertThat(part("h:a-------", "value")).isNull();
    assertThat(part("j:default/a", "beat")).isNull();
    assertThat(part("j:default/a", "flags")).isEqualTo("20");
  }

  /** As a heartbeat leaves it. */
  private void heartbeat() {
    redis.call("SET", key("h:a-------"), "[4]");
    redis.call(
        "SETRANGE", key("j:default/a"), 24, Packed.ms(io.vertx.core.buffer.Buffer.buffer(), T0));
    int flags =
        Integer.parseInt(part("j:default/a", "flags") == null ? "0" : part("j:default/a", "flags"));
    redis.call("SETRANGE", key("j:default/a"), 70, String.valueOf((char) (flags | 8)));
  }

  @Test
  void aRunningAttempt_goesOnAndItsSuccessCompletes() {
    start(Starts.job("a"));
    lease("call", 1);
    reset("q1", "k", "1000", "ho");
    assertReply("{ok, r, a-------, +0}");
    assertChanged(
        """
        + c:a-------: on_reset=ho reset=q1
        ~ ev: 2=R[#1 r at +0 a------- default/a]
        ~ j:default/a: state=R→r flags=16
        + nt:default/w1: call---- default/a=+0 ttl=168h
        > ndefault/w1
        """);
    assertRepeatable();
    complete("a", 1, "call", "=1");
    assertThat(state("a")).isEqualTo("C");
  }

  @ParameterizedTest
  @CsvSource({"http.503, ''", "bad, n", "bad, d5000"})
  void anyFailure_isFollowedByTheFirstAttempt(String type, String how) {
    start(
        Starts.job("a")
            .retry(
                new RetryPolicy(
                    Duration.ofSeconds(1), 2, Duration.ofSeconds(9), 1, List.of("http.503"), 0)));
    lease("call", 1);
    reset("q1");
    at(4);
    fail("a", 1, "call", type, how);
    assertReply("{failed, +4, {{ok, S, a-------, +4}}, {}}");
    assertThat(part("ev", "3")).isEqualTo("r[#1 at +4 " + type + " a------- default/a]");
    assertThat(part("j:default/a", "attempt")).isEqualTo("1");
    assertThat(part("j:default/a", "flags")).isEqualTo("20");
    assertRepeatable();
    lease("two", 1);
    fail("a", 1, "call", type, how);
    assertReply("{failed, +4, {{lost}}, {}}");
  }

  @Test
  void aLaterAttemptsReport_isStillKnownAfterTheReset() {
    failedOnce();
    at(1000);
    reap();
    lease("two", 1);
    reset("q1");
    fail("a", 2, "two");
    assertReply("{failed, +1000, {{ok, S, a-------, +1000}}, {}}");
    assertRepeatable();
    fail("a", 1, "call");
    assertReply("{failed, +1000, {{lost}}, {}}");
  }

  @Test
  void aRunThatWasToStayPaused_is() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.PAUSE, "a", "q1", "");
    reset("q1", "k", "0", "");
    assertReply("{ok, k, a-------, +0}");
    at(4);
    fail("a", 1, "call", "bad", "n");
    assertReply("{failed, +4, {{ok, P, a-------, +4}}, {}}");
    assertThat(part("ev", "4")).isEqualTo("q[#1 at +4 bad a------- default/a]");
    control(Scripts.UNPAUSE, "a", "q2", "", "0");
    assertReply("{ok, S, a-------, +4}");
  }

  @Test
  void aLostAttempt_startsOver() {
    failedOnce();
    at(1000);
    reap();
    lease("two", 1);
    reset("q1");
    at(11_000);
    reap();
    assertThat(state("a")).isEqualTo("S");
    assertThat(part("j:default/a", "attempt")).isEqualTo("1");
    assertThat(part("j:default/a", "losses")).isEqualTo("1");
  }

  @Test
  void scheduleToClose_endsTheAttemptThatWasToStartOver() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(5), null, null, null)));
    lease("call", 1);
    reset("q1");
    at(5000);
    reap();
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'e'");
  }

  @Test
  void aFailureAtScheduleToClose_closesTheJob() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(5), null, null, null)));
    lease("call", 1);
    reset("q1");
    at(5000);
    fail("a", 1, "call");
    assertThat(state("a")).isEqualTo("F");
    assertThat(part("j:default/a", "retryState")).isEqualTo("TIMEOUT");
  }

  @Test
  void aTaskHandedBack_isTheFirstAttemptAtTheHeadOfItsLane() {
    failedOnce();
    at(1000);
    reap();
    lease("two", 1);
    start(Starts.job("b"));
    reset("q1");
    at(1004);
    handBack("a", 2, "two");
    assertThat(part("j:default/a", "attempt")).isEqualTo("1");
    assertThat(part("j:default/a", "due")).isEqualTo("+1004");
    assertThat(ids(lease("three", 2))).containsExactly("a", "b");
  }

  @Test
  void aTaskHandedBackThatWasToStayPaused_is() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.PAUSE, "a", "q1", "");
    reset("q1", "k", "0", "");
    at(4);
    handBack("a", 1, "call");
    assertThat(state("a")).isEqualTo("P");
    assertThat(part("ev", "4")).isEqualTo("P[#1 a------- default/a]");
  }

  @Test
  void whatWasPutOff_isDoneWhenTheAttemptEnds() {
    start(Starts.job("a"));
    lease("call", 1);
    heartbeat();
    reset("q1", "", "0", "h");
    assertThat(part("h:a-------", "value")).isEqualTo("[4]");
    fail("a", 1, "call");
    assertThat(part("h:a-------", "value")).isNull();
    assertThat(part("c:a-------", "on_reset")).isNull();
  }

  @Test
  void whatWasPutOff_isDroppedByACancel() {
    start(Starts.job("a"));
    lease("call", 1);
    heartbeat();
    reset("q1", "", "0", "h");
    control(Scripts.CANCEL, "a", "q1", "");
    assertThat(part("c:a-------", "on_reset")).isNull();
    fail("a", 1, "call");
    assertThat(state("a")).isEqualTo("F");
    assertThat(part("h:a-------", "value")).isEqualTo("[4]");
  }

  @Test
  void anUnknownJob_isNotFound() {
    reset("q1");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
