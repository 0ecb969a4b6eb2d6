package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code task/lease.lua}: what is handed out, and to whom. */
class TaskLeaseScriptTest extends ScriptTest {
  @Test
  void aQueuedJob_isLeased() {
    start(Starts.job("a"));
    at(3);
    lease("call", 1);
    assertReply("{leased, {{leased, 0, +3, default/a, <a------->}}}");
    assertChanged(
        """
        ~ ev: 1=l[#1 a------- default/a]
        ~ j:default/a: state=S→R nonce=call---- started=+3 worker=1
        - l:default/mail\\t3\\t
        + lr:n1: 0=call----|1|default/a
        ~ m: workers=1
        + n:default/mail: k=1
        ~ q:default/mail: in=0→1 ready=1→0
        ~ r3:default/mail: =0→1000
        + tm: a------- default/a=+10003
        + w: w1=1
        + wn: 1=w1
        + ws: w1=+3
        """);
    assertRepeatable();
  }

  @Test
  void anEmptyQueue_givesNothing() {
    lease("call", 1);
    assertReply("{leased, {{leased, 0, +0}}}");
    assertChanged(
        """
        + lr:n1: 0=call----|0
        """);
    assertRepeatable();
  }

  @Test
  void aDrainedQueue_isForgottenAtTheNextTurn() {
    start(Starts.job("a"));
    lease("one", 1);
    lease("two", 1);
    assertReply("{leased, {{leased, 0, +0}}}");
    assertChanged(
        """
        ~ lr:n1: 0=one-----|1|default/a→two-----|0
        ~ q:default/mail: -vt3
        - r3:default/mail
        """);
  }

  @Test
  void aPausedQueue_givesNothing() {
    start(Starts.job("a"));
    redis.call("HSET", key("q:default/mail"), "paused", "1");
    lease("call", 1);
    assertReply("{leased, {{paused, 0, +0}}, {{1, q-}}}");
    assertThat(state("a")).isEqualTo("S");
  }

  @Test
  void aFullQueue_isCapped() {
    start(Starts.job("a"), Starts.job("b"));
    limit("max", 1);
    lease("one", 2);
    assertReply("{leased, {{leased, 0, +0, default/a, <a------->}}}");
    lease("two", 2);
    assertReply("{leased, {{capped, 0, +0}}}");
    complete("a", 1, "one", "-");
    assertThat(state("b")).isEqualTo("S");
    lease("three", 2);
    assertThat(state("b")).isEqualTo("R");
  }

  @Test
  void theSlotOfAFullQueue_wakesWhenItIsFreed() {
    start(Starts.job("a"), Starts.job("b"));
    limit("max", 1);
    lease("one", 2);
    complete("a", 1, "one", "-");
    assertChanged(
        """
        ~ ev: 3=C[#1 a------- default/a]
        + far: a------- default/a=+86460000
        ~ j:default/a: state=R→C ender=c closed=+0
        - n:default/mail
        ~ q:default/mail: in=1→0
        - tm
        > qdefault/mail
        """);
  }

  @Test
  void theSameNonce_isAnsweredWithWhatIsStillHeld() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    lease("one", 2);
    complete("a", 1, "one", "-");
    lease("one", 2);
    assertThat(reply()).contains("default/b, <b------->").doesNotContain("default/a", "default/c");
    assertNothingChanged();
  }

  @Test
  void aSecondCall_replacesWhatIsKeptOfTheFirst() {
    start(Starts.job("a"), Starts.job("b"));
    lease("one", 1);
    lease("two", 1);
    assertThat(part("lr:n1", "0")).isEqualTo("two-----|1|default/b");
  }

  @Test
  void severalQueues_areLeasedInOneCall() {
    start(Starts.job("a"), Starts.job("b").on("sms"));
    run(
        Scripts.LEASE,
        List.of(),
        "n1",
        "0",
        eight("call"),
        "3",
        "default/sms",
        "1",
        "w1",
        "",
        "",
        "",
        "default/none",
        "1",
        "w1",
        "",
        "",
        "",
        "default/mail",
        "1",
        "w2",
        "",
        "",
        "");
    assertReply(
        "{leased, {{leased, 0, +0, default/b, <b------->}, {leased, 0, +0}, {leased, 0, +0, default/a, <a------->}}}");
    assertRepeatable();
  }

  @Test
  void theDeadline_isTheEarliestOfItsThree() {
    start(
        Starts.job("a")
            .timeouts(
                new Timeouts(
                    Duration.ofSeconds(9), null, Duration.ofSeconds(8), Duration.ofSeconds(7))),
        Starts.job("b")
            .timeouts(new Timeouts(Duration.ofSeconds(9), null, Duration.ofSeconds(8), null)),
        Starts.job("c")
            .timeouts(new Timeouts(Duration.ofSeconds(9), null, Duration.ofSeconds(9), null)));
    at(4000);
    lease("call", 3);
    assertThat(part("tm", "a------- default/a")).isEqualTo("+9000");
    assertThat(part("tm", "b------- default/b")).isEqualTo("+9000");
    start(
        Starts.job("d")
            .timeouts(
                new Timeouts(
                    Duration.ofSeconds(9), null, Duration.ofSeconds(8), Duration.ofSeconds(7))));
    lease("four", 1);
    assertThat(part("tm", "d------- default/d")).isEqualTo("+11000");
  }

  @Test
  void aFarDeadline_waitsInTheFarTimers() {
    start(Starts.job("a").timeouts(new Timeouts(null, null, Duration.ofMillis(60_001), null)));
    lease("call", 1);
    assertThat(part("far", "a------- default/a")).isEqualTo("+60001");
    assertThat(part("tm", "a------- default/a")).isNull();
  }

  @Test
  void aBuiltInLease_isInItsNodesTimersAndArmsNoHeartbeat() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(null, null, Duration.ofSeconds(8), Duration.ofSeconds(7))));
    leaseBuiltIn("call", 1);
    assertChanged(
        """
        ~ ev: 1=l[#1 a------- default/a]
        ~ j:default/a: state=S→R nonce=call---- started=+0 worker=1 flags=32
        - l:default/mail\\t3\\t
        + lr:n1: 0=call----|1|default/a
        ~ m: workers=1
        + n:default/mail: k=1
        + nodes: n1=+6000
        ~ q:default/mail: in=0→1 ready=1→0
        ~ r3:default/mail: =0→1000
        + tm:n1: a------- default/a=+8000
        + w: postrider/n1=1
        + wn: 1=postrider/n1
        + ws: postrider/n1=+0
        """);
    assertRepeatable();
  }

  @Test
  void aBuiltInLease_leavesTheCommonTimers() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(Duration.ofSeconds(60), null, Duration.ofSeconds(8), null)));
    assertThat(part("tm", "a------- default/a")).isEqualTo("+60000");
    leaseBuiltIn("call", 1);
    assertThat(part("tm", "a------- default/a")).isNull();
    assertThat(part("tm:n1", "a------- default/a")).isEqualTo("+8000");
  }

  @Test
  void aWorkersLeaseAfterABuiltInOne_clearsTheFlag() {
    start(Starts.job("a"));
    leaseBuiltIn("one", 1);
    handBack("a", 1, "one");
    assertThat(part("j:default/a", "flags")).isEqualTo("36");
    lease("two", 1);
    assertThat(part("j:default/a", "flags")).isEqualTo("4");
    assertThat(part("tm:n1", "a------- default/a")).isNull();
  }

  @Test
  void aQueuedJobAtItsScheduleToStart_isTimedOutInsteadOfHandedOut() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(null, Duration.ofSeconds(3), Duration.ofSeconds(9), null)),
        Starts.job("b"));
    at(3000);
    lease("call", 1);
    assertReply("{leased, {{leased, 0, +3000, default/b, <b------->}}}");
    assertChanged(
        """
        ~ ev: 2=O[#1 a------- default/a]l[#1 b------- default/b]
        + far: a------- default/a=+86463000
        ~ j:default/a: state=S→O closed=+3000 outcome='S' retryState=TIMEOUT
        ~ j:default/b: state=S→R nonce=call---- started=+3000 worker=1
        - l:default/mail\\t3\\t
        + lr:n1: 0=call----|1|default/b
        ~ m: workers=1
        + n:default/mail: k=1
        ~ q:default/mail: in=0→1 ready=2→0
        ~ r3:default/mail: =0→1000
        ~ tm: -a------- default/a b------- default/b=+13000
        + w: w1=1
        + wn: 1=w1
        + ws: w1=+3000
        """);
    assertRepeatable();
  }

  @Test
  void aQueuedJobOneMsBeforeItsScheduleToStart_isHandedOut() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(null, Duration.ofSeconds(3), Duration.ofSeconds(9), null)));
    at(2999);
    lease("call", 1);
    assertThat(state("a")).isEqualTo("R");
  }

  @Test
  void aQueuedJobAtItsScheduleToClose_isTimedOutInsteadOfHandedOut() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(3), null, null, null)));
    at(3000);
    lease("call", 1);
    assertReply("{leased, {{leased, 0, +3000}}}");
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'e'");
    assertThat(part("q:default/mail", "ready")).isEqualTo("0");
  }

  @Test
  void aQueuedJobOneMsBeforeItsScheduleToClose_isHandedOut() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(3), null, null, null)));
    at(2999);
    lease("call", 1);
    assertThat(state("a")).isEqualTo("R");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+3000");
  }

  @Test
  void aPlainLaneKeepsItsOrder() {
    for (int i = 0; i < 5; i++) {
      start(Starts.job("j" + i));
    }
    assertThat(ids(lease("one", 2))).containsExactly("j0", "j1");
    assertThat(ids(lease("two", 9))).containsExactly("j2", "j3", "j4");
  }
}
