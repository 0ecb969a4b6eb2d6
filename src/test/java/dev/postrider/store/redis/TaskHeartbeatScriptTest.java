package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code task/heartbeat.lua} and {@code lib/heartbeat.lua}. */
class TaskHeartbeatScriptTest extends ScriptTest {
  private static Starts beating(String id, long seconds) {
    return Starts.job(id)
        .timeouts(new Timeouts(null, null, Duration.ofMinutes(10), Duration.ofSeconds(seconds)));
  }

  @Test
  void aHeartbeat_isStoredAndItsTimeoutCountsFromIt() {
    start(beating("a", 5));
    lease("call", 1);
    at(3000);
    heartbeat("a", 1, "call", "{\"done\":3}");
    assertReply("{recorded, +3000, {{ok, R}}, {}}");
    assertChanged(
        """
        ~ ev: 2=h[#1 R a------- default/a]
        + h:a-------: value={"done":3}
        ~ j:default/a: beat=+3000 beats=1 flags=8
        ~ lr:n1: 0h=r00003xx|
        ~ tm: a------- default/a=+5000→+8000
        """);
    assertRepeatable();
  }

  @Test
  void withoutDetails_theLastOnesStay() {
    start(beating("a", 5));
    lease("call", 1);
    heartbeat("a", 1, "call", "1");
    at(1000);
    heartbeat("a", 1, "call", "");
    assertThat(part("h:a-------", "value")).isEqualTo("1");
    assertThat(part("j:default/a", "beats")).isEqualTo("2");
    assertThat(part("j:default/a", "beat")).isEqualTo("+1000");
  }

  @Test
  void withoutAHeartbeatTimeout_itIsStoredAndNoTimerMoves() {
    start(Starts.job("a"));
    lease("call", 1);
    at(7);
    heartbeat("a", 1, "call", "");
    assertChanged(
        """
        ~ ev: 2=h[#1 R a------- default/a]
        ~ j:default/a: beat=+7 beats=1
        ~ lr:n1: 0h=r00003xx|
        """);
  }

  @Test
  void ofABuiltInWorker_theNodesLifeTakesThePlaceOfTheTimeout() {
    start(beating("a", 5));
    leaseBuiltIn("call", 1);
    at(7);
    heartbeat("a", 1, "call", "");
    assertThat(part("tm:n1", "a------- default/a")).isEqualTo("+600000");
    assertThat(keyspace().keys()).doesNotContainKey("tm");
  }

  @Test
  void untilItsTimeout_theAttemptGoesOn() {
    start(beating("a", 5));
    lease("call", 1);
    at(4000);
    heartbeat("a", 1, "call", "");
    at(8999);
    reap();
    assertThat(state("a")).isEqualTo("R");
    at(9000);
    reap();
    assertThat(part("j:default/a", "attempt")).isEqualTo("2");
    assertThat(part("a:a-------", "0")).contains(" h ").contains("beats 1");
  }

  @Test
  void aTimeoutBeyondAMinute_waitsInTheFarTimers() {
    start(beating("a", 90));
    lease("call", 1);
    at(40_000);
    heartbeat("a", 1, "call", "");
    assertThat(part("far", "a------- default/a")).isEqualTo("+130000");
    assertThat(keyspace().keys()).doesNotContainKey("tm");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theNextAttempt_isGivenTheDetailsAndTheirTime(boolean details) {
    start(Starts.job("a"));
    lease("one", 1);
    at(40);
    heartbeat("a", 1, "one", details ? "40" : "");
    fail("a", 1, "one");
    at(1040);
    reap();
    lease("two", 1);
    assertThat(part("j:default/a", "beat")).isEqualTo(details ? "+40" : null);
    assertThat(part("j:default/a", "beats")).isNull();
    assertThat(part("h:a-------", "value")).isEqualTo(details ? "40" : null);
  }

  @Test
  void anAttemptsTimeout_countsFromItsOwnStartAndNotFromAnEarlierHeartbeat() {
    start(beating("a", 5));
    lease("one", 1);
    heartbeat("a", 1, "one", "1");
    handBack("a", 1, "one");
    at(4000);
    lease("two", 1);
    assertThat(part("tm", "a------- default/a")).isEqualTo("+9000");
    at(6000);
    reap();
    assertThat(state("a")).isEqualTo("R");
  }

  @Test
  void whatIsAsked_isAnsweredAndNeedsNoNoticeAnyMore() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    assertThat(keyspace().keys()).containsKey("nt:default/w1");
    heartbeat("a", 1, "call", "");
    assertReply("{recorded, +0, {{ok, c}}, {}}");
    assertThat(keyspace().keys()).doesNotContainKey("nt:default/w1");
  }

  @ParameterizedTest
  @CsvSource({"p", "r", "k"})
  void whatElseIsAsked_isAnsweredInEachState(String state) {
    start(Starts.job("a"));
    lease("call", 1);
    if (!state.equals("r")) {
      control(Scripts.PAUSE, "a", "q1", "");
    }
    if (!state.equals("p")) {
      control(Scripts.RESET, "a", "q2", "", state.equals("k") ? "k" : "", "0", "");
    }
    heartbeat("a", 1, "call", "1");
    assertReply("{recorded, +0, {{ok, " + state + "}}, {}}");
    assertThat(keyspace().keys()).doesNotContainKey("nt:default/w1").containsKey("h:a-------");
    canceled("a", 1, "call", "-");
    assertReply("{canceled, +0, {{invalid, " + state + "}}, {}}");
    heartbeat("a", 2, "call", "2");
    assertReply("{recorded, +0, {{lost}}, {}}");
    assertThat(part("h:a-------", "value")).isEqualTo("1");
  }

  /** A token that no longer holds: every way in which an attempt can be over. */
  @ParameterizedTest
  @CsvSource({"complete", "fail", "handBack", "terminate", "timeout", "delete", "leasedAgain"})
  void anAttemptThatIsOver_isLost(String how) {
    start(Starts.job("a"));
    lease("call", 1);
    switch (how) {
      case "complete" -> complete("a", 1, "call", "-");
      case "fail" -> fail("a", 1, "call");
      case "handBack" -> handBack("a", 1, "call");
      case "terminate" -> control(Scripts.TERMINATE, "a", "", "");
      case "timeout" -> {
        at(10_000);
        reap();
      }
      case "delete" -> run(Scripts.DELETE, "a", "");
      default -> {
        handBack("a", 1, "call");
        lease("again", 1);
      }
    }
    Contents before = keyspace();
    heartbeat("a", 1, "call", "1");
    assertThat(reply()).contains("{{lost}}");
    assertThat(keyspace().since(before)).allMatch(line -> line.contains(" lr:n1"));
  }

  @Test
  void anotherAttemptOrNonce_isLost() {
    start(Starts.job("a"));
    lease("call", 1);
    heartbeat("a", 2, "call", "1");
    assertThat(reply()).contains("{{lost}}");
    heartbeat("a", 1, "other", "1");
    assertThat(reply()).contains("{{lost}}");
    assertThat(keyspace().keys()).doesNotContainKey("h:a-------");
  }

  @Test
  void manyHeartbeats_areStoredInOneStep() {
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    lease("call", 2);
    run(
        Scripts.HEARTBEAT,
        List.of("a", "c", "b"),
        "n1",
        "0",
        eight("two"),
        "3",
        token(1, "call"),
        "1",
        token(1, "call"),
        "2",
        token(1, "call"),
        "3",
        "1",
        "default/mail",
        "1",
        "w1",
        "",
        "",
        "");
    assertReply(
        "{recorded, +0, {{ok, R}, {lost}, {ok, R}}, {{leased, 0, +0, default/c, <c------->}}}");
    assertRepeatable();
    assertThat(part("h:b-------", "value")).isEqualTo("3");
  }

  @Test
  void detailsThatComeWithAFailure_areKeptForTheNextAttempt() {
    start(Starts.job("a"));
    lease("call", 1);
    at(40);
    run(Scripts.FAIL, "a", "n1", "0", "", "1", token(1, "call"), "bad", "", "<bad>", "7", "", "0");
    assertReply("{failed, +40, {{ok, W, a-------, +1040}}, {}}");
    assertThat(part("h:a-------", "value")).isEqualTo("7");
    assertThat(part("j:default/a", "beat")).isEqualTo("+40");
    assertThat(part("a:a-------", "0")).contains("beats 1");
    assertRepeatable();
  }
}
