package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code lib/worker_limit.lua}: a worker's own rate, as its leases and hand-backs keep it. */
class WorkerLimitScriptTest extends ScriptTest {
  private static final long ONE = 1_000_000;

  @BeforeEach
  void jobs() {
    start(
        Starts.job("a"),
        Starts.job("b"),
        Starts.job("c"),
        Starts.job("d"),
        Starts.job("e"),
        Starts.job("f"));
  }

  @Test
  void aSecondsWorth_isGivenAtOnceAndThenTheAnswerSaysWhen() {
    assertThat(ids(leaseRated("one", "w1", 5, 3 * ONE))).containsExactly("a", "b", "c");
    assertThat(reply()).endsWith(", {{1, w334}}}");
    assertThat(part("lw:default/w1", "value")).matches(".* 3000000000 3000000");
    assertRepeatable();
    at(333);
    leaseRated("two", "w1", 5, 3 * ONE);
    assertReply("{leased, {{leased, 0, +333}}, {{1, w1}}}");
    at(334);
    assertThat(ids(leaseRated("three", "w1", 5, 3 * ONE))).containsExactly("d");
  }

  @Test
  void lessThanOnePerSecond_givesOneAtOnce() {
    assertThat(ids(leaseRated("one", "w1", 5, ONE / 10))).containsExactly("a");
    assertThat(reply()).endsWith(", {{1, w10000}}}");
    at(9_999);
    assertThat(ids(leaseRated("two", "w1", 1, ONE / 10))).isEmpty();
    at(10_000);
    assertThat(ids(leaseRated("three", "w1", 1, ONE / 10))).containsExactly("b");
  }

  @Test
  void tokensGo_onlyToTasksThatAreHandedOut() {
    leaseRated("one", "w1", 6, 10 * ONE);
    assertReplyHasNoWait();
    leaseRated("two", "w1", 5, 10 * ONE);
    assertReply("{leased, {{leased, 0, +0}}}");
    assertThat(part("lw:default/w1", "value")).contains(" 6000000000 ");
  }

  private void assertReplyHasNoWait() {
    assertThat(reply()).doesNotContain("{{1, ");
  }

  @Test
  void otherWorkers_andLeasesWithoutARate_areNotHeldUp() {
    leaseRated("one", "w1", 1, ONE);
    assertThat(ids(leaseRated("two", "w2", 1, ONE))).containsExactly("b");
    assertThat(ids(lease("three", 1))).containsExactly("c");
  }

  @Test
  void allQueuesOfANamespace_countTogether() {
    start(Starts.job("z").on("other"));
    leaseRated("one", "w1", 1, ONE);
    lease("two", "default/other", 1, "w1", "r" + ONE, "", "");
    assertReply("{leased, {{leased, 0, +0}}, {{1, w1000}}}");
  }

  @Test
  void aLowerRate_holdsAtOnce() {
    leaseRated("one", "w1", 4, 100 * ONE);
    leaseRated("two", "w1", 1, ONE);
    assertReply("{leased, {{leased, 0, +0}}, {{1, w1000}}}");
  }

  @Test
  void aClockThatWentBack_holdsNothingUpForLonger() {
    at(3_600_000);
    leaseRated("one", "w1", 1, ONE);
    at(0);
    leaseRated("two", "w1", 1, ONE);
    assertReply("{leased, {{leased, 0, +0}}, {{1, w1000}}}");
    at(1_000);
    assertThat(ids(leaseRated("three", "w1", 1, ONE))).containsExactly("b");
  }

  @Test
  void aTaskHandedBack_costsNoToken() {
    leaseRated("one", "w1", 1, ONE);
    handBack("a", 1, "one");
    assertThat(ids(leaseRated("two", "w1", 1, ONE))).containsExactly("a");
  }

  @Test
  void aTaskHandedBackLate_givesBackWhatWasNotEarnedAgain() {
    leaseRated("one", "w1", 1, ONE);
    at(1_000);
    leaseRated("two", "w1", 1, ONE);
    handBack("a", 1, "one");
    leaseRated("three", "w1", 1, ONE);
    assertReply("{leased, {{leased, 0, +1000}}, {{1, w1000}}}");
  }

  @Test
  void theQueueStaysAnnounced_whenAWorkersRateLeftWorkForOthers() {
    leaseRated("one", "w1", 6, 10 * ONE);
    handBack("f", 1, "one");
    assertThat(wakes()).containsExactly("> qdefault/mail");
  }
}
