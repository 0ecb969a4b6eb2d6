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

/** {@code timer/lapse.lua} and {@code timer/renew.lua}. */
class TimerLapseScriptTest extends ScriptTest {
  private void renew(String node, String how) {
    run(Scripts.RENEW, List.of(), node, how);
  }

  private void lapse() {
    run(Scripts.LAPSE, List.of(), "100");
  }

  /** Passes of every two seconds up to {@code ms}, and one then. */
  private void lapseUntil(long from, long ms) {
    for (long t = from; t < ms; t += 2000) {
      at(t);
      lapse();
    }
    at(ms);
    lapse();
  }

  @Test
  void aNode_livesSixSeconds() {
    at(5);
    renew("n1", "alive");
    assertReply("{renewed}");
    assertChanged(
        """
        + nodes: n1=+6005
        """);
    assertRepeatable();
  }

  @Test
  void aNodeThatLeaves_isGoneNow() {
    renew("n1", "alive");
    renew("n1", "gone");
    assertChanged(
        """
        ~ nodes: n1=+6000→0
        """);
    assertRepeatable();
  }

  @Test
  void anUnknownNodeThatLeaves_isNotRemembered() {
    renew("n2", "gone");
    assertNothingChanged();
  }

  @Test
  void noNodes_isNever() {
    lapse();
    assertReply("{lapsed, 0, 0, -1}");
  }

  @Test
  void aNodeAtTheEndOfItsTime_lives() {
    renew("n1", "alive");
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    lapseUntil(0, 6000);
    assertReply("{lapsed, 0, 0, 1}");
    assertThat(state("a")).isEqualTo("R");
  }

  @Test
  void aNodeOneMsLater_losesItsDeliveries() {
    renew("n1", "alive");
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    lapseUntil(0, 6000);
    at(6001);
    lapse();
    assertReply("{lapsed, 1, 0, -1}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +6001 next +6001 h worker 1
        ~ ev: 2=r[#2 at +6001 timeout.heartbeat a------- default/a]
        ~ j:default/a: state=R→S fence=a-------→r00008#1 attempt=1→2 due=+0→+6001 ender=t losses=1 flags=32→36
        + l:default/mail\\t3\\t: 0=r00008#1 default/a
        ~ lr:n1: ttl=60m
        ~ m: lapse_at=+6000→+6001
        - n:default/mail
        - nodes
        ~ q:default/mail: in=1→0 ready=0→1
        - tm:n1
        > qdefault/mail
        > xcall----default/a
        """);
    again();
    assertReply("{lapsed, 0, 0, -1}");
    assertNothingChanged();
  }

  @Test
  void theCallOfANodeThatLapsedMeanwhile_isGivenNothingNew() {
    renew("n1", "alive");
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    lapseUntil(0, 6000);
    at(6001);
    lapse();
    assertThat(state("a")).isEqualTo("S");
    leaseBuiltIn("call", 1);
    assertThat(state("a")).isEqualTo("S");
    leaseBuiltIn("next", 1);
    assertThat(state("a")).isEqualTo("R");
  }

  @Test
  void aDeliveryOnItsLastAttempt_isTimedOut() {
    start(
        Starts.job("a")
            .retry(
                new RetryPolicy(
                    Duration.ofSeconds(1), 2, Duration.ofSeconds(100), 1, List.of(), 0)));
    leaseBuiltIn("call", 1);
    renew("n1", "alive");
    lapse();
    renew("n1", "gone");
    lapse();
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'h'");
  }

  @Test
  void aDeliveryPastItsScheduleToClose_isTimedOutAsThat() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(1), null, null, null)));
    leaseBuiltIn("call", 1);
    lapse();
    renew("n1", "gone");
    at(1000);
    lapse();
    assertThat(part("j:default/a", "outcome")).isEqualTo("'e'");
  }

  @ParameterizedTest
  @CsvSource({"2000, 0", "2001, 6000"})
  void aLatePass_givesEveryNodeItsFullTimeAgain(long late, long more) {
    renew("n1", "alive");
    lapse();
    at(10_000 - late);
    lapse();
    redis.call("ZADD", key("nodes"), T0 + 9999, "n1");
    at(10_000);
    lapse();
    assertThat(part("nodes", "n1")).isEqualTo(more == 0 ? null : "+" + (10_000 + more));
  }

  @Test
  void aTimeOfAClockThatHasGoneBack_isCutToAFullOne() {
    redis.call("ZADD", key("nodes"), T0 + 999_999, "n1");
    lapse();
    lapse();
    assertThat(part("nodes", "n1")).isEqualTo("+6000");
  }

  @Test
  void aDeliveryThatIsNoLongerTheNodes_isDroppedFromItsTimers() {
    start(Starts.job("a"));
    leaseBuiltIn("one", 1);
    lapse();
    redis.call("ZADD", key("tm:n2"), T0, eight("a") + "default/a");
    redis.call("ZADD", key("nodes"), 0, "n2");
    lapse();
    assertReply("{lapsed, 1, 0, 6001}");
    assertThat(state("a")).isEqualTo("R");
    assertThat(keyspace().keys()).doesNotContainKey("tm:n2");
  }

  @Test
  void moreThanTheBound_isLeftForTheNextPass() {
    start(Starts.job("a"), Starts.job("b"));
    leaseBuiltIn("call", 2);
    lapse();
    renew("n1", "gone");
    run(Scripts.LAPSE, List.of(), "1");
    assertReply("{lapsed, 1, 1, 0}");
    run(Scripts.LAPSE, List.of(), "1");
    assertReply("{lapsed, 1, 0, -1}");
    assertThat(state("a")).isEqualTo("S");
    assertThat(state("b")).isEqualTo("S");
  }
}
