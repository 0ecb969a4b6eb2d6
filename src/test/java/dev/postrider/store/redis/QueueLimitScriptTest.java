package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The limiter of a queue whose rate holds over several partitions ({@code queue/limit.lua}). */
class QueueLimitScriptTest extends ScriptTest {
  private static final long ONE = 1_000_000;

  private void rate(long rate, int burst) {
    run(
        Scripts.UPDATE_LIMITS,
        List.of(),
        "default/mail",
        "0",
        "4",
        "",
        "",
        "9",
        "=rate",
        rate + " " + burst);
  }

  private void grant(String id, int tokens, Object... ended) {
    Object[] arguments = new Object[3 + ended.length];
    arguments[0] = "default/mail";
    arguments[1] = eight(id);
    arguments[2] = tokens;
    System.arraycopy(ended, 0, arguments, 3, ended.length);
    run(Scripts.LIMIT, List.of(), arguments);
  }

  @Test
  void aGrantThatIsOpen_isChargedAgainstTheBurst() {
    rate(10 * ONE, 3);
    grant("a", 2);
    assertReply("{granted, 2, +100, }");
    grant("b", 2);
    assertReply("{granted, 1, +100, 100}");
    grant("b", 2);
    assertReply("{granted, 1, +100, }");
  }

  @Test
  void whatIsUsed_isOwedFromItsUseOn() {
    rate(10 * ONE, 1);
    grant("a", 1);
    at(3);
    grant("", 0, "used", eight("a"), "1 " + (T0 + 2));
    at(101);
    grant("b", 1);
    assertReply("{granted, 0, +201, 1}");
    at(102);
    grant("b", 1);
    assertReply("{granted, 1, +202, }");
  }

  @Test
  void whatIsNotUsed_isFreeAtOnceAndCalledOut() {
    rate(ONE, 2);
    grant("a", 2);
    grant("", 0, "used", eight("a"), "0 " + T0);
    assertThat(wakes()).containsExactly("> odefault/mail");
    grant("b", 2);
    assertReply("{granted, 2, +100, }");
  }

  @Test
  void aGrantOfWhichNothingIsHeard_countsAsUsedAtItsEnd() {
    rate(10 * ONE, 1);
    grant("a", 1);
    at(101);
    grant("b", 1);
    assertReply("{granted, 0, +201, 99}");
    grant("", 0, "used", eight("a"), "0 " + T0);
    grant("b", 1);
    assertReply("{granted, 0, +201, 99}");
    at(200);
    grant("b", 1);
    assertReply("{granted, 1, +300, }");
  }

  @Test
  void aTokenThatCameToNothing_isGivenBack() {
    rate(ONE, 1);
    grant("a", 1);
    grant("", 0, "used", eight("a"), "1 " + T0);
    grant("", 0, "back", "", T0);
    assertThat(wakes()).containsExactly("> odefault/mail");
    grant("b", 1);
    assertReply("{granted, 1, +100, }");
  }

  @Test
  void withoutALimit_asMuchAsIsAskedForIsGranted() {
    grant("a", 7);
    assertReply("{granted, 7, +100, }");
    rate(0, 1);
    grant("a", 7);
    assertReply("{granted, 0, +100, }");
  }

  @Test
  void aLease_handsOutNothingWithoutAGrantAndNoMoreThanIt() {
    rate(10 * ONE, 5);
    start(Starts.job("a"), Starts.job("b"), Starts.job("c"));
    lease("one", 9);
    assertReply("{leased, {{ungranted, 3, +0}}}");
    assertRepeatable();
    leaseGranted("two", 9, "2 " + (T0 + 100));
    assertThat(reply()).contains("default/a", "default/b").doesNotContain("default/c");
    at(101);
    leaseGranted("three", 9, "2 " + (T0 + 100));
    assertReply("{leased, {{ungranted, 1, +101}}}");
  }

  @Test
  void aTaskHandedBack_tellsWhoseLimiterIsOwed() {
    rate(10 * ONE, 5);
    start(Starts.job("a"));
    leaseGranted("two", 9, "2 " + (T0 + 100));
    handBack("a", 1, "two");
    assertReply("{handed_back, {ok}, {default/mail, +0}}");
  }

  @Test
  void aTokenThatNobodyAsksForInTime_isCalledOutWhereverTheTasksWait() {
    rate(ONE, 1);
    grant("a", 1);
    grant("", 0, "used", eight("a"), "1 " + T0);
    grant("b", 1);
    assertReply("{granted, 0, +100, 1000}");
    at(1_500);
    reap();
    assertThat(wakes()).containsExactly("> odefault/mail");
    assertThat(keyspace().keys().keySet()).doesNotContain("parked");
  }
}
