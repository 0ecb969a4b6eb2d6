package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code timer/trim.lua}. */
class TimerTrimScriptTest extends ScriptTest {
  @Test
  void noLog_needsNoTrimming() {
    run(Scripts.TRIM, List.of(), "1000");
    assertReply("{trimmed, 0, 0, -1}");
    assertNothingChanged();
  }

  @Test
  void aLogWithinItsBytes_stays() {
    start(Starts.job("a"));
    run(Scripts.TRIM, List.of(), redis.text("MEMORY", "USAGE", key("ev")));
    assertReply("{trimmed, 0, 0, -1}");
    assertNothingChanged();
  }

  @Test
  void aLogOverItsBytes_losesItsOldestEntries() {
    for (int i = 0; i < 400; i++) {
      redis.call(
          "XADD", key("ev"), "*", "t", T0, "s", eight("a") + "default/" + i + "x".repeat(100));
    }
    long bytes = Long.parseLong(redis.text("MEMORY", "USAGE", key("ev")));
    run(Scripts.TRIM, List.of(), bytes / 2);
    assertThat(Long.parseLong(redis.text("MEMORY", "USAGE", key("ev"))))
        .isLessThanOrEqualTo(bytes / 2 + 4096);
    long left = Long.parseLong(redis.text("XLEN", key("ev")));
    assertReply("{trimmed, " + (400 - left) + ", 0, -1}");
    assertThat(left).isBetween(1L, 200L);
  }
}
