package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

/** {@code job/delete.lua}. */
class JobDeleteScriptTest extends ScriptTest {
  @Test
  void aClosedRun_isRemovedWithAllThatBelongsToIt() {
    start(Starts.job("a").input(Buffer.buffer("\"" + "x".repeat(1023) + "\"")));
    lease("call", 1);
    fail("a", 1, "call", "bad", "n");
    control(Scripts.CANCEL, "a", "q1", "");
    run(Scripts.DELETE, "a", "");
    assertReply("{ok}");
    assertChanged(
        """
        - a:a-------
        ~ ev: 3=D[#1 was F a------- default/a]
        - far
        - i:a-------
        - j:default/a
        - o:a-------
        ~ xn: 0=1→0
        """);
  }

  @Test
  void anOpenJob_isTerminatedFirst() {
    start(Starts.job("a"));
    run(Scripts.DELETE, "a", "");
    assertReply("{ok}");
    assertChanged(
        """
        ~ ev: 1=T[#1 a------- default/a] 2=D[#1 was T a------- default/a]
        - j:default/a
        - l:default/mail\\t3\\t
        ~ q:default/mail: ready=1→0
        ~ xn: 0=1→0
        """);
  }

  @Test
  void aRunningAttempt_freesItsSlot() {
    start(Starts.job("a").fairness("k", 1));
    leaseBuiltIn("call", 1);
    run(Scripts.DELETE, "a", "");
    assertReply("{ok}");
    assertChanged(
        """
        ~ ev: 2=T[#1 a------- default/a] 3=D[#1 was T a------- default/a]
        - j:default/a
        - n:default/mail
        ~ q:default/mail: in=1→0
        - tm:n1
        ~ xn: 0=1→0
        > xcall----default/a
        """);
  }

  @Test
  void theLastRunOfAFullChunk_takesTheChunkAlong() {
    start(Starts.job("a"), Starts.job("b"));
    redis.call("HSET", key("m"), "chunk", "1", "chunk_count", "0");
    run(Scripts.DELETE, "a", "");
    assertThat(part("xn", "0")).isEqualTo("1");
    run(Scripts.DELETE, "b", "");
    assertThat(part("xn", "0")).isNull();
    assertThat(part("xd", "0")).isNull();
    assertThat(part("x:0", "0")).isNull();
  }

  @Test
  void anOlderRun_isRemovedAndTheLatestStays() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "q1", "");
    start(Starts.job("a").build(), "a2");
    run(Scripts.DELETE, "a", runIdBytes("a"));
    assertReply("{ok}");
    assertThat(part("j0:default/a/a-------", "state")).isNull();
    assertThat(state("a")).isEqualTo("S");
  }

  @Test
  void anUnknownJob_isNotFound() {
    run(Scripts.DELETE, "a", "");
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
