package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import dev.postrider.redis.RedisErrorException;
import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code job/start.lua}. */
class JobStartScriptTest extends ScriptTest {
  private static final StartPolicies FAIL = StartPolicies.DEFAULT;

  private static StartPolicies conflict(IdConflictPolicy policy) {
    return new StartPolicies(policy, IdReusePolicy.ALLOW_DUPLICATE, false);
  }

  private static StartPolicies reuse(IdReusePolicy policy) {
    return new StartPolicies(IdConflictPolicy.FAIL, policy, false);
  }

  private static StartPolicies mismatch() {
    return new StartPolicies(IdConflictPolicy.USE_EXISTING, IdReusePolicy.RETURN_EXISTING, true);
  }

  @Test
  void aNewJob_isQueued() {
    start(Starts.job("a"));
    assertReply("{started, +0, {}, {}}");
    assertChanged(
        """
        + ev: 0=s[a------- default/a]
        + j:default/a: state=S fence=a------- attempt=1 due=+0 priority=3 run=a------- created=+0 first=+0 queue=mail
        + l:default/mail\\t3\\t: 0=a------- default/a
        + m: chunk=0 chunk_count=1
        + q:default/mail: in=0 known=1 ready=1 vt3=0
        + queues: default/mail=in
        + r3:default/mail: =0
        + x:0: 0=a------- default/a
        + xd: 0=+0
        + xn: 0=1
        > qdefault/mail
        """);
  }

  @Test
  void aSecondJobOfItsLane_wakesNobodyAndTouchesNoRing() {
    start(Starts.job("a"), Starts.job("b"));
    assertChanged(
        """
        ~ ev: 1=s[b------- default/b]
        + j:default/b: state=S fence=b------- attempt=1 due=+0 priority=3 run=b------- created=+0 first=+0 queue=mail
        ~ l:default/mail\\t3\\t: 1=b------- default/b
        ~ m: chunk_count=1→2
        ~ q:default/mail: ready=1→2
        ~ x:0: 1=b------- default/b
        ~ xn: 0=1→2
        """);
  }

  @Test
  void aDestination_hasALaneOfItsOwn() {
    start(Starts.job("a").to("https://x:443").fairness("k", 3).priority(1));
    assertChanged(
        """
        + d:default/mail\\t1k: https://x:443=0
        + ev: 0=s[a------- default/a]
        + j:default/a: state=S fence=a------- attempt=1 due=+0 priority=1 run=a------- created=+0 first=+0 fairness=k to=https://x:443 queue=mail
        + l:default/mail\\t1k\\thttps://x:443: 0=a------- default/a
        + m: chunk=0 chunk_count=1
        + q:default/mail: dn=1 hw=1 in=0 known=1 ready=1 vt1=0
        + queues: default/mail=in
        + r1:default/mail: k=0
        + w:default/mail: k=3
        + x:0: 0=a------- default/a
        + xd: 0=+0
        + xn: 0=1
        > qdefault/mail
        """);
  }

  @Test
  void aDefaultWeight_removesTheKeysFormerOne() {
    start(Starts.job("a").fairness("k", 3), Starts.job("b").fairness("k", 1));
    assertThat(part("w:default/mail", "k")).isNull();
  }

  @Test
  void aDelayedJob_waitsForItsTime() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(60))));
    assertChanged(
        """
        + ev: 0=w[a------- default/a]
        + j:default/a: state=W fence=a------- attempt=1 due=+60000 priority=3 run=a------- created=+0 first=+60000 queue=mail
        + m: chunk=0 chunk_count=1
        + q:default/mail: known=1
        + queues: default/mail=in
        + tm: a------- default/a=+60000
        + x:0: 0=a------- default/a
        + xd: 0=+0
        + xn: 0=1
        """);
  }

  @Test
  void aDelayOfMoreThanAMinute_waitsInTheFarTimers() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofMillis(60_001))));
    assertThat(part("far", "a------- default/a")).isEqualTo("+60001");
    assertThat(part("tm", "a------- default/a")).isNull();
  }

  @Test
  void aStartTimeOneMsAhead_waits() {
    start(Starts.job("a").at(new StartTime.At(Instant.ofEpochMilli(T0 + 1))));
    assertThat(state("a")).isEqualTo("W");
  }

  @Test
  void aStartTimeNow_isQueued() {
    start(Starts.job("a").at(new StartTime.At(Instant.ofEpochMilli(T0))));
    assertThat(state("a")).isEqualTo("S");
    assertThat(part("j:default/a", "first")).isEqualTo("+0");
  }

  @Test
  void aStartTimeInThePast_isNow() {
    start(Starts.job("a").at(new StartTime.At(Instant.ofEpochMilli(T0 - 1))));
    assertThat(part("j:default/a", "first")).isEqualTo("+0");
  }

  @Test
  void aPausedStart_isInNoLane() {
    start(Starts.job("a").paused());
    assertChanged(
        """
        + ev: 0=N[a------- default/a]
        + j:default/a: state=P fence=a------- attempt=1 due=+0 priority=3 run=a------- created=+0 first=+0 queue=mail
        + m: chunk=0 chunk_count=1
        + q:default/mail: known=1
        + queues: default/mail=in
        + x:0: 0=a------- default/a
        + xd: 0=+0
        + xn: 0=1
        """);
  }

  @Test
  void scheduleToClose_countsFromTheFirstDispatch() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(Duration.ofSeconds(10), null, null, null))
            .at(new StartTime.After(Duration.ofSeconds(5))));
    assertThat(part("j:default/a", "expires")).isEqualTo("+15000");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+5000");
  }

  @Test
  void scheduleToStart_setsTheNearTimer() {
    start(
        Starts.job("a")
            .timeouts(new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(3), null, null)));
    assertThat(part("tm", "a------- default/a")).isEqualTo("+3000");
  }

  @Test
  void aLongInput_liesBesideTheRecord() {
    start(Starts.job("a").input(Buffer.buffer("\"" + "x".repeat(1022) + "\"")));
    assertThat(part("j:default/a", "flags")).isNull();
    start(Starts.job("b").input(Buffer.buffer("\"" + "x".repeat(1023) + "\"")));
    assertThat(part("j:default/b", "flags")).isEqualTo("1");
    assertThat(part("i:b-------", "value")).hasSize(1025);
  }

  @Test
  void manyJobs_areEnteredInOneStep() {
    Object[] a = startArguments(Starts.job("a").build(), "a");
    Object[] b = startArguments(Starts.job("b").on("sms").build(), "b");
    Object[] c = startArguments(Starts.job("c").on("sms").build(), "c");
    run(
        Scripts.START,
        List.of("a", "b", "c"),
        "n1",
        "0",
        "",
        "2",
        a[4],
        a[5],
        a[6],
        a[7],
        a[8],
        "1",
        a[10],
        a[11],
        b[4],
        b[5],
        b[6],
        b[7],
        b[8],
        "2",
        b[10],
        b[11],
        c[10],
        c[11],
        "0");
    assertReply("{started, +0, {}, {}}");
    assertChanged(
        """
        + ev: 0=s[a------- default/a, b------- default/b, c------- default/c]
        + j:default/a: state=S fence=a------- attempt=1 due=+0 priority=3 run=a------- created=+0 first=+0 queue=mail
        + j:default/b: state=S fence=b------- attempt=1 due=+0 priority=3 run=b------- created=+0 first=+0 queue=sms
        + j:default/c: state=S fence=c------- attempt=1 due=+0 priority=3 run=c------- created=+0 first=+0 queue=sms
        + l:default/mail\\t3\\t: 0=a------- default/a
        + l:default/sms\\t3\\t: 0=b------- default/b 1=c------- default/c
        + m: chunk=0 chunk_count=3
        + q:default/mail: in=0 known=1 ready=1 vt3=0
        + q:default/sms: in=0 known=1 ready=2 vt3=0
        + queues: default/mail=in default/sms=in
        + r3:default/mail: =0
        + r3:default/sms: =0
        + x:0: 0=a------- default/a, b------- default/b, c------- default/c
        + xd: 0=+0
        + xn: 0=3
        > qdefault/mail
        > qdefault/sms
        """);
  }

  @Test
  void aLeaseAskedForWithIt_getsTheJobAtOnceAndNothingIsPublished() {
    Object[] a = startArguments(Starts.job("a").build(), "a");
    run(
        Scripts.START,
        List.of("a"),
        "n1",
        "0",
        eight("call"),
        "1",
        a[4],
        a[5],
        a[6],
        a[7],
        a[8],
        "1",
        a[10],
        a[11],
        "1",
        "default/mail",
        "1",
        "w1",
        "",
        "");
    assertReply("{started, +0, {}, {{leased, 0, +0, default/a, <a------->}}}");
    assertChanged(
        """
        + ev: 0=s[a------- default/a] 1=l[#1 a------- default/a]
        + j:default/a: state=R fence=a------- attempt=1 due=+0 nonce=call---- started=+0 worker=1 priority=3 run=a------- created=+0 first=+0 queue=mail
        + lr:n1: 0=call----|1|default/a
        + m: chunk=0 chunk_count=1 workers=1
        + n:default/mail: k=1
        + q:default/mail: in=1 known=1 ready=0 vt3=0
        + queues: default/mail=in
        + r3:default/mail: =1000
        + tm: a------- default/a=+10000
        + w: w1=1
        + wn: 1=w1
        + ws: w1=+0
        + x:0: 0=a------- default/a
        + xd: 0=+0
        + xn: 0=1
        """);
  }

  @Test
  void theSameStartAgain_isStarted() {
    start(Starts.job("a"));
    again();
    assertReply("{started, +0, {{1, started, <a------->}}, {}}");
    assertNothingChanged();
  }

  @Test
  void theSameStartAgain_isStartedEvenUnderTerminateExisting() {
    start(Starts.job("a").policies(conflict(IdConflictPolicy.TERMINATE_EXISTING)));
    again();
    assertReply("{started, +0, {{1, started, <a------->}}, {}}");
    assertNothingChanged();
  }

  @Test
  void theSameRequestId_isTheExistingRun() {
    start(Starts.job("a").requestId("q1"));
    start(Starts.job("a").requestId("q1").type("other").policies(mismatch()).build(), "a2");
    assertReply("{started, +0, {{1, existing, <a------->}}, {}}");
    assertNothingChanged();
  }

  @Test
  void theSameRequestIdOfAClosedRun_isTheExistingRun() {
    start(Starts.job("a").requestId("q1"));
    control(Scripts.TERMINATE, "a", "", "");
    start(
        Starts.job("a").requestId("q1").policies(reuse(IdReusePolicy.REJECT_DUPLICATE)).build(),
        "a2");
    assertReply("{started, +0, {{1, existing, <a------->}}, {}}");
    assertNothingChanged();
  }

  @Test
  void anOpenRun_refuses() {
    start(Starts.job("a"));
    start(Starts.job("a").policies(FAIL).build(), "a2");
    assertReply("{started, +0, {{1, already_started, a-------}}, {}}");
    assertNothingChanged();
  }

  @Test
  void aRefusedStart_changesNeitherQueuesNorWeights() {
    start(Starts.job("a"));
    start(Starts.job("a").on("new").fairness("k", 7).build(), "a2");
    assertReply("{started, +0, {{1, already_started, a-------}}, {}}");
    assertNothingChanged();
  }

  @Test
  void anOpenRunWithUseExisting_answers() {
    start(Starts.job("a"));
    start(Starts.job("a").policies(conflict(IdConflictPolicy.USE_EXISTING)).build(), "a2");
    assertReply("{started, +0, {{1, existing, <a------->}}, {}}");
    assertNothingChanged();
  }

  @Test
  void anOpenRunWithTerminateExisting_isReplacedInOneStep() {
    start(Starts.job("a"));
    start(Starts.job("a").policies(conflict(IdConflictPolicy.TERMINATE_EXISTING)).build(), "a2");
    assertReply("{started, +0, {}, {}}");
    assertChanged(
        """
        + c:a-------: reason=terminated by a start with idConflictPolicy terminate_existing terminate=
        ~ ev: 1=T[#1 a------- default/a]s[a2------ default/a]
        + far: a------- default/a=+86460000
        + j0:default/a/a-------: state=T fence=a------- attempt=1 due=+0 closed=+0 flags=16 priority=3 run=a------- created=+0 first=+0 queue=mail
        ~ j:default/a: fence=a-------→a2------ run=a-------→a2------
        ~ l:default/mail\\t3\\t: 0=a------- default/a→a2------ default/a
        ~ m: chunk_count=1→2
        ~ x:0: 1=a2------ default/a
        ~ xn: 0=1→2
        > qdefault/mail
        """);
  }

  @Test
  void aLeasedRunWithTerminateExisting_freesItsSlot() {
    start(Starts.job("a").fairness("k", 1));
    lease("call", 1);
    start(
        Starts.job("a")
            .fairness("k", 1)
            .policies(conflict(IdConflictPolicy.TERMINATE_EXISTING))
            .build(),
        "a2");
    assertThat(part("n:default/mail", "kk")).isNull();
    assertThat(part("q:default/mail", "in")).isEqualTo("0");
    assertThat(part("j0:default/a/a-------", "state")).isEqualTo("T");
    assertThat(state("a")).isEqualTo("S");
  }

  @ParameterizedTest
  @CsvSource({
    "ALLOW_DUPLICATE, C, ''",
    "ALLOW_DUPLICATE, T, ''",
    "ALLOW_DUPLICATE_FAILED_ONLY, C, '{1, already_started, a-------}'",
    "ALLOW_DUPLICATE_FAILED_ONLY, F, ''",
    "ALLOW_DUPLICATE_FAILED_ONLY, X, ''",
    "ALLOW_DUPLICATE_FAILED_ONLY, T, ''",
    "ALLOW_DUPLICATE_FAILED_ONLY, O, ''",
    "REJECT_DUPLICATE, C, '{1, already_started, a-------}'",
    "REJECT_DUPLICATE, F, '{1, already_started, a-------}'",
    "RETURN_EXISTING, C, '{1, existing, <a------->}'",
    "RETURN_EXISTING, T, '{1, existing, <a------->}'",
  })
  void aClosedRun_isJudgedByTheReusePolicyAlone(
      IdReusePolicy policy, String closedAs, String exception) {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(10), null, null, null)));
    close("a", closedAs);
    start(
        Starts.job("a")
            .policies(new StartPolicies(IdConflictPolicy.USE_EXISTING, policy, false))
            .build(),
        "a2");
    String when = closedAs.equals("O") ? "+10000" : "+0";
    assertReply("{started, " + when + ", {" + exception + "}, {}}");
    if (exception.isEmpty()) {
      assertThat(part("j0:default/a/a-------", "state")).isEqualTo(closedAs);
      assertThat(part("j:default/a", "run")).isEqualTo("a2------");
    } else {
      assertNothingChanged();
    }
  }

  private void close(String id, String as) {
    switch (as) {
      case "T" -> control(Scripts.TERMINATE, id, "", "");
      case "X" -> control(Scripts.CANCEL, id, "", "");
      case "O" -> {
        at(10_000);
        reap();
      }
      default -> {
        lease("call", 1);
        if (as.equals("C")) {
          complete(id, 1, "call", "-");
        } else {
          fail(id, 1, "call", "bad", "n");
        }
      }
    }
    assertThat(state(id)).isEqualTo(as);
  }

  @Test
  void anotherType_isAPayloadMismatch() {
    start(Starts.job("a"));
    start(Starts.job("a").type("other").policies(mismatch()).build(), "a2");
    assertReply("{started, +0, {{1, payload_mismatch, a-------}}, {}}");
    assertNothingChanged();
  }

  @Test
  void anotherInput_isAPayloadMismatch() {
    start(Starts.job("a").input(Buffer.buffer("1")));
    start(Starts.job("a").input(Buffer.buffer("2")).policies(mismatch()).build(), "a2");
    assertReply("{started, +0, {{1, payload_mismatch, a-------}}, {}}");
    assertNothingChanged();
  }

  @Test
  void noInputAgainstNull_isAPayloadMismatch() {
    start(Starts.job("a").input(null));
    start(Starts.job("a").input(Buffer.buffer("null")).policies(mismatch()).build(), "a2");
    assertReply("{started, +0, {{1, payload_mismatch, a-------}}, {}}");
  }

  @Test
  void longInputs_areComparedWhole() {
    String input = "\"" + "x".repeat(2000);
    start(Starts.job("a").input(Buffer.buffer(input + "1\"")));
    start(Starts.job("a").input(Buffer.buffer(input + "2\"")).policies(mismatch()).build(), "a2");
    assertReply("{started, +0, {{1, payload_mismatch, a-------}}, {}}");
    assertNothingChanged();
    start(Starts.job("a").input(Buffer.buffer(input + "1\"")).policies(mismatch()).build(), "a3");
    assertReply("{started, +0, {{1, existing, <a------->}}, {}}");
    assertNothingChanged();
  }

  @Test
  void sameTypeAndInput_areTheExistingRun() {
    start(Starts.job("a"));
    start(Starts.job("a").policies(mismatch()).build(), "a2");
    assertReply("{started, +0, {{1, existing, <a------->}}, {}}");
  }

  @Test
  void aRefusalWithAnotherPayload_isAPayloadMismatch() {
    start(Starts.job("a"));
    start(
        Starts.job("a")
            .type("other")
            .policies(new StartPolicies(IdConflictPolicy.FAIL, IdReusePolicy.ALLOW_DUPLICATE, true))
            .build(),
        "a2");
    assertReply("{started, +0, {{1, payload_mismatch, a-------}}, {}}");
  }

  @Test
  void anotherPayloadUnderTerminateExisting_isNotCompared() {
    start(Starts.job("a"));
    start(
        Starts.job("a")
            .type("other")
            .policies(
                new StartPolicies(
                    IdConflictPolicy.TERMINATE_EXISTING, IdReusePolicy.ALLOW_DUPLICATE, true))
            .build(),
        "a2");
    assertReply("{started, +0, {}, {}}");
  }

  @Test
  void aFullRedis_refusesTheStartAndKeepsWhatItHas() {
    start(Starts.job("a"));
    var had = keyspace();
    redis.call("CONFIG", "SET", "maxmemory", "1");
    try {
      assertThatThrownBy(() -> start(Starts.job("b")))
          .isInstanceOf(RedisErrorException.class)
          .hasMessageContaining("OOM");
      assertThat(keyspace()).isEqualTo(had);
      lease("call", 1);
      complete("a", 1, "call", "-");
      assertThat(state("a")).isEqualTo("C");
    } finally {
      redis.call("CONFIG", "SET", "maxmemory", "0");
    }
  }

  @Test
  void theLogOfStarts_beginsANewChunkAfter1024Runs() {
    redis.call("HSET", key("m"), "chunk", "0", "chunk_count", "1023");
    redis.call("ZADD", key("xd"), T0, "0");
    start(Starts.job("a"));
    assertThat(part("m", "chunk")).isEqualTo("1");
    start(Starts.job("b"));
    assertThat(part("j:default/b", "chunk")).isEqualTo("1");
    assertThat(part("xn", "1")).isEqualTo("1");
    assertThat(part("x:1", "0")).isEqualTo("b------- default/b");
  }
}
