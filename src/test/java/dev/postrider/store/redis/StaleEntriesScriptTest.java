package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lane entries whose jobs have moved on ({@code lib/lease.lua}). */
class StaleEntriesScriptTest extends ScriptTest {
  private void garbage(int count) {
    List<Object> push = new ArrayList<>(List.of("RPUSH", key("l:default/mail\t3\t")));
    for (int i = 0; i < count; i++) {
      push.add(String.format("%08d", i) + "default/old" + i);
    }
    redis.call(push.toArray());
    redis.call("ZADD", key("r3:default/mail"), 0, "");
    redis.call("HSET", key("q:default/mail"), "vt3", "0");
  }

  private long length() {
    return Long.parseLong(redis.text("LLEN", key("l:default/mail\t3\t")));
  }

  @Test
  void aShortLane_isCleanedAtOnce() {
    start(Starts.job("a"), Starts.job("b"));
    control(Scripts.TERMINATE, "a", "", "");
    assertThat(length()).isEqualTo(1);
  }

  @Test
  void aLongLane_keepsTheEntryUntilItsTurn() {
    garbage(1000);
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    assertThat(length()).isEqualTo(1001);
    assertThat(part("q:default/mail", "ready")).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 200})
  void aLaneOfStaleEntries_isReadInBoundedSteps(int want) {
    garbage(3000);
    start(Starts.job("a"));
    manyCalls = true;
    int calls = 0;
    while (true) {
      long before = length();
      Object reply = lease("c" + calls++, want);
      assertThat(before - length()).isBetween(1L, 4L * want + 64 + want);
      if (!ids(reply).isEmpty()) {
        assertThat(ids(reply)).containsExactly("a");
        break;
      }
      assertThat(reply()).isEqualTo("{leased, {{leased, 1, +0}}}");
    }
    assertThat(length()).isZero();
  }

  @Test
  void aLessUrgentJob_waitsUntilTheStaleEntriesAreRead() {
    garbage(3000);
    start(Starts.job("urgent"), Starts.job("low").priority(5));
    lease("one", 1);
    assertReply("{leased, {{leased, 1, +0}}}");
    assertThat(state("low")).isEqualTo("S");
  }

  @Test
  void anEntryOfAFormerDispatch_doesNotComeAlive() {
    garbage(1000);
    start(Starts.job("a"));
    redis.call("LTRIM", key("l:default/mail\t3\t"), "-1", "-1");
    lease("one", 1);
    handBack("a", 1, "one");
    redis.call("LPUSH", key("l:default/mail\t3\t"), eight("a") + "default/a");
    assertThat(ids(lease("two", 2))).containsExactly("a");
    assertThat(part("q:default/mail", "in")).isEqualTo("1");
  }
}
