package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Rates of queues, keys and destinations ({@code lua/queue/update_limits.lua}, {@code
 * lib/rooms.lua}).
 */
class QueueLimitsScriptTest extends ScriptTest {
  private static final long ONE = 1_000_000;
  private int made;

  private List<String> lease(int count) {
    return ids(lease("c" + made++, count));
  }

  private String call() {
    return "c" + (made - 1);
  }

  private void startMany(int count) {
    for (int i = 0; i < count; i++) {
      start(Starts.job("j" + i));
    }
  }

  @Test
  void theRateOfAQueue_givesItsBurstThenSaysWhen() {
    set("=rate", 2 * ONE + " 3");
    startMany(6);
    assertThat(lease(9)).containsExactly("j0", "j1", "j2");
    assertThat(reply()).startsWith("{leased, {{leased, 0, +0, ").endsWith("}}, {{1, q500}}}");
    assertRepeatable();
    at(499);
    assertThat(lease(9)).isEmpty();
    assertReply("{leased, {{leased, 0, +499}}, {{1, q1}}}");
    at(500);
    assertThat(lease(9)).containsExactly("j3");
  }

  @Test
  void withoutABurst_aSecondsWorthOrOneComesAtOnce() {
    set("=rate", 3 * ONE + " -");
    startMany(9);
    assertThat(lease(9)).hasSize(3);
    set("=rate", "100000 -");
    at(100_000);
    assertThat(lease(9)).hasSize(1);
    assertThat(reply()).endsWith("}}, {{1, q10000}}}");
  }

  @Test
  void aRateOfZero_givesNothingUntilItIsAnother() {
    set("=rate", "0 -");
    startMany(2);
    assertThat(lease(9)).isEmpty();
    assertReply("{leased, {{leased, 0, +0}}, {{1, q-}}}");
    set("=rate", "");
    assertThat(wakes()).containsExactly("> odefault/mail");
    assertThat(lease(9)).hasSize(2);
  }

  @Test
  void aTokenGoesOnly_toWhatIsHandedOut() {
    set("=rate", ONE + " 2");
    start(
        Starts.job("gone"),
        Starts.job("late").timeouts(scheduleToStart(100)),
        Starts.job("a"),
        Starts.job("b"));
    control(Scripts.TERMINATE, "gone", "", "");
    at(100);
    assertThat(lease(9)).containsExactly("a", "b");
  }

  private static dev.postrider.job.Timeouts scheduleToStart(long ms) {
    return new dev.postrider.job.Timeouts(
        null, java.time.Duration.ofMillis(ms), java.time.Duration.ofSeconds(10), null);
  }

  @Test
  void aKeyOverItsRate_isSkippedAndComesBackInTime() {
    set("=krate", 2 * ONE + " 1");
    for (int i = 0; i < 3; i++) {
      start(Starts.job("a" + i).fairness("a", 1), Starts.job("b" + i).fairness("b", 2));
    }
    assertThat(lease(9)).containsExactlyInAnyOrder("a0", "b0");
    assertThat(reply()).endsWith(", {{1, l250}}}");
    assertThat(keyspace().keys().get("pk:default/mail"))
        .containsOnlyKeys("ka", "kb")
        .containsEntry("ka", "+500")
        .containsEntry("kb", "+250");
    at(249);
    assertThat(lease(9)).isEmpty();
    assertReply("{leased, {{leased, 0, +249}}, {{1, l1}}}");
    at(250);
    assertThat(lease(9)).containsExactly("b1");
    at(500);
    assertThat(lease(9)).containsExactlyInAnyOrder("a1", "b2");
  }

  @Test
  void aRateOfOneKey_takesThePlaceOfTheDefault() {
    set("=krate", ONE + " 1", "ka", 10 * ONE + " 4");
    for (int i = 0; i < 5; i++) {
      start(Starts.job("a" + i).fairness("a", 3), Starts.job("b" + i).fairness("b", 1));
    }
    assertThat(lease(20)).hasSize(5).filteredOn(id -> id.startsWith("a")).hasSize(4);
    set("ka", "");
    at(60_000);
    assertThat(lease(20)).hasSize(2);
  }

  @Test
  void aDestinationOverItsRate_delaysNoOther() {
    set("dhttp://slow:80", ONE + " 1");
    for (int i = 0; i < 4; i++) {
      start(Starts.job("s" + i).to("http://slow:80"), Starts.job("f" + i).to("http://fast:80"));
    }
    start(Starts.job("s9").to("http://slow:80").fairness("other", 1));
    assertThat(lease(20)).hasSize(5).filteredOn(id -> id.startsWith("s")).hasSize(1);
    assertThat(reply()).endsWith(", {{1, l1000}}}");
    at(1_000);
    assertThat(lease(20)).hasSize(1).isSubsetOf("s0", "s9");
    at(2_000);
    assertThat(lease(20)).hasSize(1);
    at(3_000);
    assertThat(lease(20)).hasSize(1);
  }

  @Test
  void aTask_takesFromAllLimitsOrFromNone() {
    set("=rate", ONE + " 2", "=krate", ONE + " 1", "dhttp://x:80", ONE + " 1");
    start(
        Starts.job("a").fairness("a", 1).to("http://x:80"),
        Starts.job("b").fairness("b", 1).to("http://x:80"),
        Starts.job("c").fairness("c", 1));
    assertThat(lease(9)).containsExactlyInAnyOrder("a", "c");
    at(1_000);
    // b has its own key's token still: only its destination held it up
    assertThat(lease(9)).containsExactly("b");
  }

  @Test
  void aTaskHandedBack_givesItsTokensBack() {
    set("=rate", ONE + " 1", "=krate", ONE + " 1", "dhttp://x:80", ONE + " 1");
    start(Starts.job("a").fairness("a", 1).to("http://x:80"));
    assertThat(lease(1)).containsExactly("a");
    handBack("a", 1, call());
    assertThat(wakes()).contains("> odefault/mail", "> qdefault/mail");
    assertThat(lease(1)).containsExactly("a");
    at(400);
    handBack("a", 1, call());
    assertThat(lease(1)).containsExactly("a");
  }

  @Test
  void aTokenGivenBackByATaskThatIsCanceled_isForWhatWaitsAtOnce() {
    set("=krate", "100000 1");
    start(Starts.job("a").fairness("k", 1), Starts.job("b").fairness("k", 1));
    assertThat(lease(1)).containsExactly("a");
    String call = call();
    assertThat(lease(1)).isEmpty();
    control(Scripts.CANCEL, "a", "", "");
    at(10);
    handBack("a", 1, call);
    assertThat(part("parked", "default/mail")).isEqualTo("+10");
    assertThat(wakes()).containsExactly("> qdefault/mail");
    assertThat(lease(1)).containsExactly("b");
  }

  @Test
  void aTaskThatWasLeasedUnderOtherLimits_givesNothingBack() {
    startMany(3);
    assertThat(lease(1)).hasSize(1);
    at(10);
    set("=rate", ONE + " 1");
    assertThat(lease(1)).hasSize(1);
    handBack("j0", 1, "c0");
    assertThat(lease(1)).isEmpty();
  }

  @Test
  void aLimitThatIsRaised_letsWhatWaitsComeBackAtOnce() {
    manyCalls = true;
    set("=krate", "100000 1");
    startTwoOfEach(300);
    List<String> first = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      first.addAll(lease(100));
    }
    assertThat(first).hasSize(300);
    manyCalls = false;
    set("=krate", 1000 * ONE + " -");
    manyCalls = true;
    assertThat(wakes()).contains("> odefault/mail");
    assertThat(part("q:default/mail", "recheck")).isEqualTo("1");
    List<String> second = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      second.addAll(lease(100));
    }
    assertThat(second).hasSize(300);
    assertThat(part("q:default/mail", "recheck")).isNull();
  }

  private void startTwoOfEach(int keys) {
    List<Starts> jobs = new ArrayList<>();
    for (int i = 0; i < keys; i++) {
      jobs.add(Starts.job("a" + i).fairness("k" + i, 1));
      jobs.add(Starts.job("b" + i).fairness("k" + i, 1));
    }
    for (int i = 0; i < jobs.size(); i += 200) {
      startAll(jobs.subList(i, Math.min(jobs.size(), i + 200)));
    }
  }

  @Test
  void aChangeDuringARecheck_looksThroughAllOnceMore() {
    manyCalls = true;
    set("=kmax", "1");
    startTwoOfEach(100);
    assertThat(lease(100)).hasSize(100);
    lease(50);
    lease(50);
    set("=kmax", "1", "=krate", ONE + " 1");
    lease(1);
    set("=kmax", "");
    assertThat(part("q:default/mail", "recheck")).isEqualTo("2");
    at(2_000);
    List<String> got = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      got.addAll(lease(20));
    }
    assertThat(got).hasSize(100);
    assertThat(part("q:default/mail", "recheck")).isNull();
  }

  @Test
  void aLowerRate_holdsAtOnceAndOwesWhatWasGiven() {
    set("=rate", 10 * ONE + " 10");
    startMany(30);
    assertThat(lease(10)).hasSize(10);
    set("=rate", ONE + " 2");
    assertThat(lease(10)).isEmpty();
    assertThat(reply()).endsWith("{{1, q1000}}}");
    at(1_000);
    assertThat(lease(10)).hasSize(1);
  }

  @Test
  void whatNobodyAsksForInTime_isCalledOut() {
    set("=krate", ONE + " 1");
    start(Starts.job("a").fairness("a", 1), Starts.job("b").fairness("a", 1));
    lease(9);
    at(1_499);
    reap();
    assertThat(wakes()).isEmpty();
    at(1_500);
    reap();
    assertThat(wakes()).containsExactly("> qdefault/mail");
    assertThat(keyspace().keys().keySet()).doesNotContain("parked", "pk:default/mail");
  }

  @Test
  void limitsThatNobodyAsksFor_areLookedAtForAFewQueuesAtATime() {
    for (int i = 0; i < 6; i++) {
      String queue = "q" + i;
      run(
          Scripts.UPDATE_LIMITS,
          List.of(),
          "default/" + queue,
          "0",
          "1",
          "",
          "",
          "9",
          "=krate",
          ONE + " 1");
      start(Starts.job("a" + i).on(queue), Starts.job("b" + i).on(queue));
      lease("x" + i, "default/" + queue, 9);
    }
    at(1_500);
    reap();
    assertThat(wakes()).hasSize(5);
    assertReply("{reaped, 0, 1, 0}");
    reap();
    assertThat(wakes()).hasSize(1);
  }

  @Test
  void aQueueThatNobodyAsksForInTime_isCalledOut() {
    set("=rate", ONE + " 1");
    startMany(2);
    lease(9);
    at(1_500);
    reap();
    assertThat(wakes()).containsExactly("> odefault/mail");
    assertThat(keyspace().keys().keySet()).doesNotContain("parked");
  }

  @Test
  void aSetWeight_countsForTheBacklogAtOnce() {
    for (int i = 0; i < 12; i++) {
      start(Starts.job("a" + i).fairness("a", 0.01), Starts.job("b" + i).fairness("b", 1));
    }
    lease(3);
    set("wa", "3");
    List<String> got = lease(8);
    assertThat(got).filteredOn(id -> id.startsWith("a")).hasSize(6);
    set("wa", "");
    assertThat(lease(5)).filteredOn(id -> id.startsWith("a")).hasSizeLessThan(2);
  }

  @Test
  void aPausedQueue_givesNothingAndSaysSoUntilItGoesOn() {
    startMany(2);
    run(Scripts.PAUSE_QUEUE, List.of(), "default/mail", "0", "1", "r1", "maintenance");
    assertThat(reply()).contains("=paused").contains("maintenance");
    lease(1);
    assertReply("{leased, {{paused, 0, +0}}, {{1, q-}}}");
    run(Scripts.UNPAUSE_QUEUE, List.of(), "default/mail", "0", "1", "r2", "");
    assertThat(wakes()).containsExactly("> odefault/mail");
    assertThat(lease(9)).hasSize(2);
    run(Scripts.PAUSE_QUEUE, List.of(), "default/mail", "0", "1", "r1", "");
    assertThat(wakes()).isEmpty();
    assertThat(part("q:default/mail", "paused")).isNull();
  }

  @Test
  void moreEntriesThanAllowed_changeNothing() {
    run(
        Scripts.UPDATE_LIMITS,
        List.of(),
        "default/mail",
        "0",
        "1",
        "",
        "",
        "1",
        "wa",
        "2",
        "wb",
        "3");
    assertReply("{too_many, w, 2}");
    assertThat(keyspace().keys()).isEmpty();
  }

  @Test
  void whatALowerBoundWouldNotAllow_mayStayAndBecomeFewer() {
    set("wa", "2");
    set("wb", "3");
    set("wc", "4");
    update("=max", "5");
    assertThat(reply()).startsWith("{set, ");
    update("wa", "");
    assertThat(reply()).startsWith("{set, ");
    update("wd", "5");
    assertReply("{too_many, w, 3}");
  }

  /** Changes one setting where one entry is allowed. */
  private void update(String field, String value) {
    run(Scripts.UPDATE_LIMITS, List.of(), "default/mail", "0", "1", "", "", "1", field, value);
  }

  @Test
  void aBoundOverPartitions_isSharedSoThatItAddsUp() {
    for (int p = 0; p < 4; p++) {
      run(
          Scripts.UPDATE_LIMITS,
          List.of(),
          "default/q" + p,
          p,
          "4",
          "",
          "",
          "9",
          "=max",
          "6",
          "=kmax",
          "4");
      assertThat(part("q:default/q" + p, "max")).isEqualTo(p < 2 ? "2" : "1");
      assertThat(part("q:default/q" + p, "kmax")).isEqualTo("1");
    }
  }

  @Test
  void anotherPartition_followsTheLatestRevisionOnly() {
    run(Scripts.FOLLOW_QUEUE, List.of(), "default/mail", "1", "4", "=rev", "2", "=max", "8");
    assertThat(part("q:default/mail", "max")).isEqualTo("2");
    run(Scripts.FOLLOW_QUEUE, List.of(), "default/mail", "1", "4", "=rev", "1", "=max", "4");
    assertThat(part("q:default/mail", "max")).isEqualTo("2");
    run(Scripts.FOLLOW_QUEUE, List.of(), "default/mail", "1", "4", "=rev", "3");
    assertThat(part("q:default/mail", "max")).isNull();
  }
}
