package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code job/heartbeat.lua}. */
class JobHeartbeatScriptTest extends ScriptTest {
  private Object beat(String id, String attempt, String details) {
    return run(Scripts.HEARTBEAT_BY_ID, id, "", attempt, "q1", details);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1"})
  void theAttemptThatRuns_isMeant(String attempt) {
    start(Starts.job("a"));
    lease("call", 1);
    at(7);
    beat("a", attempt, "1");
    assertReply("{ok, R}");
    assertChanged(
        """
        + c:a-------: heartbeat=q1
        ~ ev: 2=h[#1 R a------- default/a]
        + h:a-------: value=1
        ~ j:default/a: beat=+7 beats=1 flags=24
        """);
    assertRepeatable();
  }

  @Test
  void whatIsAsked_isAnswered_andItsWorkerIsToldYet() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    beat("a", "", "");
    assertReply("{ok, c}");
    assertThat(keyspace().keys()).containsKey("nt:default/w1");
  }

  @Test
  void withoutAnAttempt_orOfAnother_itIsLost() {
    start(Starts.job("a"));
    beat("a", "", "1");
    assertReply("{lost}");
    assertNothingChanged();
    lease("call", 1);
    beat("a", "2", "1");
    assertReply("{lost}");
    assertNothingChanged();
  }

  @Test
  void aClosedOrUnknownJob_isRefused() {
    beat("a", "", "1");
    assertReply("{not_found}");
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    beat("a", "", "1");
    assertReply("{closed, T}");
    assertNothingChanged();
  }
}
