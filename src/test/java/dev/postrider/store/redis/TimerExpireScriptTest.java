package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code timer/expire.lua}. */
class TimerExpireScriptTest extends ScriptTest {
  private static final long KEPT = RETENTION.toMillis();

  private void expire() {
    run(Scripts.EXPIRE, List.of(), "100");
  }

  @Test
  void noTimer_isNever() {
    expire();
    assertReply("{expired, 0, 0, -1}");
    assertNothingChanged();
  }

  @Test
  void aRunOneMsBeforeTheEndOfItsRetention_stays() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    at(KEPT - 1);
    expire();
    assertReply("{expired, 0, 0, 1}");
    assertNothingChanged();
  }

  @Test
  void aRunAtTheEndOfItsRetention_isDeleted() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    at(KEPT);
    expire();
    assertReply("{expired, 1, 0, -1}");
    assertChanged(
        """
        - c:a-------
        ~ ev: 2=D[#1 was T a------- default/a]
        - far
        - j:default/a
        ~ xn: 0=1→0
        """);
  }

  @Test
  void anOlderRun_isDeletedAndTheLatestStays() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    at(1);
    start(Starts.job("a").build(), "a2");
    at(KEPT);
    expire();
    assertReply("{expired, 1, 0, -1}");
    assertThat(part("j0:default/a/a-------", "state")).isNull();
    assertThat(state("a")).isEqualTo("S");
  }

  @Test
  void anOpenRunWhoseMomentIsWithinAMinute_goesToTheNearTimers() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(100))));
    at(39_999);
    expire();
    assertReply("{expired, 0, 0, 1}");
    assertNothingChanged();
    at(40_000);
    expire();
    assertReply("{expired, 1, 0, -1}");
    assertChanged(
        """
        - far
        + tm: a------- default/a=+100000
        """);
  }

  @Test
  void aBuiltInLease_goesToItsNodesTimers() {
    start(Starts.job("a").timeouts(new Timeouts(Duration.ofSeconds(100), null, null, null)));
    leaseBuiltIn("call", 1);
    assertThat(part("tm:n1", "a------- default/a")).isEqualTo("+100000");
    at(40_000);
    expire();
    assertThat(part("far", "a------- default/a")).isNull();
    assertThat(part("tm", "a------- default/a")).isNull();
    assertThat(part("tm:n1", "a------- default/a")).isEqualTo("+100000");
  }

  @Test
  void anOpenRunThatNothingWaitsFor_leavesTheTimers() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(100))));
    control(Scripts.RETRY_NOW, "a", "", "");
    at(40_000);
    expire();
    assertReply("{expired, 0, 0, -1}");
    assertThat(part("far", "a------- default/a")).isNull();
  }

  @Test
  void anEntryOfAnUnknownRun_isDropped() {
    redis.call("ZADD", key("far"), T0, eight("x") + "default/none");
    expire();
    assertReply("{expired, 0, 0, -1}");
    assertThat(keyspace().keys()).isEmpty();
  }

  @Test
  void aClosedRunThatIsLookedAtEarly_isLookedAtAgain() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(100))));
    control(Scripts.TERMINATE, "a", "", "");
    redis.call("ZADD", key("far"), T0, eight("a") + "default/a");
    expire();
    assertReply("{expired, 0, 0, " + KEPT + "}");
    assertThat(part("far", "a------- default/a")).isEqualTo("+" + (KEPT + 60_000));
  }

  @Test
  void moreThanTheBound_isLeftForTheNextPass() {
    start(Starts.job("a"), Starts.job("b"));
    control(Scripts.TERMINATE, "a", "", "");
    control(Scripts.TERMINATE, "b", "", "");
    at(KEPT);
    run(Scripts.EXPIRE, List.of(), "1");
    assertReply("{expired, 1, 1, 0}");
    assertThat(state("b")).isEqualTo("T");
  }
}
