package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code lib/notices.lua}: how a worker's next lease call tells what is asked of its leases. */
class NoticesScriptTest extends ScriptTest {
  private Object leaseTo(String call, String worker, int count) {
    return lease(call, "default/mail", count, worker, "", "", "");
  }

  private static String token(String call) {
    return "\\00\\00\\00\\01" + eight(call);
  }

  private void cancelRequested() {
    start(Starts.job("a"));
    leaseTo("one", "w1", 1);
    control(Scripts.CANCEL, "a", "q1", "");
  }

  @Test
  void theWorkersNextLease_tellsOnce() {
    cancelRequested();
    leaseTo("two", "w1", 1);
    assertReply("{leased, {{leased, 0, +0}}, {{1, , " + token("one") + ", default/a, c}}}");
    assertChanged(
        """
        ~ lr:n1: 0=one-----|1|default/a→two-----|0|\\016f6e652d2d2d2d2ddefault/a
        - nt:default/w1
        ~ q:default/mail: -vt3
        - r3:default/mail
        """);
    assertRepeatable();
    leaseTo("three", "w1", 1);
    assertReply("{leased, {{leased, 0, +0}}}");
  }

  @Test
  void aLeaseForNoTasks_tellsToo() {
    cancelRequested();
    start(Starts.job("b"));
    leaseTo("two", "w1", 0);
    assertReply("{leased, {{leased, 0, +0}}, {{1, , " + token("one") + ", default/a, c}}}");
    assertThat(state("b")).isEqualTo("S");
  }

  @Test
  void anotherWorker_isNotTold() {
    cancelRequested();
    leaseTo("two", "w2", 1);
    assertReply("{leased, {{leased, 0, +0}}}");
    assertThat(keyspace().keys()).containsKey("nt:default/w1");
  }

  @Test
  void theSameWorkerOfAnotherNamespace_isNotTold() {
    cancelRequested();
    lease("two", "other/mail", 1, "w1", "", "", "");
    assertReply("{leased, {{leased, 0, +0}}}");
  }

  @Test
  void whatIsTold_isTheStateAtThatTime() {
    cancelRequested();
    complete("a", 1, "one", "-");
    leaseTo("two", "w1", 1);
    assertReply("{leased, {{leased, 0, +0}}}");
  }

  @Test
  void aRepeatedLease_tellsOnlyOfWhatIsStillHeld() {
    cancelRequested();
    leaseTo("two", "w1", 1);
    complete("a", 1, "one", "-");
    leaseTo("two", "w1", 1);
    assertReply("{leased, {{leased, 0, +0}}}");
  }

  @Test
  void manyNotices_comeOldestFirstAndSayThatThereAreMore() {
    manyCalls = true;
    List<Starts> jobs = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      jobs.add(Starts.job("j" + i));
    }
    startAll(jobs);
    leaseTo("one", "w1", 101);
    for (int i = 0; i < 101; i++) {
      at(i);
      control(Scripts.CANCEL, "j" + i, "q1", "");
    }
    leaseTo("two", "w1", 1);
    assertThat(reply()).startsWith("{leased, {{leased, 1, ").contains("default/j0, c, ");
    assertThat(reply()).contains("default/j99, c").doesNotContain("default/j100");
    leaseTo("three", "w1", 1);
    assertThat(reply()).startsWith("{leased, {{leased, 0, ").contains("default/j100, c");
  }

  @Test
  void whatCouldNotBeAnswered_isToldAgain() {
    cancelRequested();
    leaseTo("two", "w1", 1);
    run(Scripts.NOTIFY, "a", token(1, "one"));
    assertReply("{notified, 1}");
    assertChanged(
        """
        + nt:default/w1: one----- default/a=+0 ttl=168h
        > ndefault/w1
        """);
    assertRepeatableButForItsCall();
    leaseTo("three", "w1", 1);
    assertThat(reply()).contains("default/a, c");
  }

  private void assertRepeatableButForItsCall() {
    again();
    assertReply("{notified, 1}");
    assertThat(wakes()).containsExactly("> ndefault/w1");
  }

  @Test
  void aLeaseThatNoLongerHolds_isNotNotifiedOf() {
    cancelRequested();
    leaseTo("two", "w1", 1);
    complete("a", 1, "one", "-");
    run(Scripts.NOTIFY, "a", token(1, "one"));
    assertReply("{notified, 0}");
    assertNothingChanged();
  }

  @Test
  void aStaleEntry_tellsNothingOfALaterLease() {
    cancelRequested();
    redis.call("ZADD", key("nt:default/w1"), 1, "stale---default/a");
    redis.call("ZADD", key("nt:default/w1"), 1, "stale---default/none");
    leaseTo("two", "w1", 1);
    assertReply("{leased, {{leased, 0, +0}}, {{1, , " + token("one") + ", default/a, c}}}");
    assertThat(keyspace().keys()).doesNotContainKey("nt:default/w1");
  }
}
