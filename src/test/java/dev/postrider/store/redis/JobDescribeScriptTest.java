package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code job/describe.lua}. */
class JobDescribeScriptTest extends ScriptTest {
  @Test
  void aQueuedJob_isItsRecord() {
    start(Starts.job("a"));
    run(Scripts.DESCRIBE, "a", "");
    assertThat(reply())
        .matches("\\{job, <a------->, nil, nil, nil, nil, \\{}, \\{}, nil, \\d+-\\d+, nil}");
    assertNothingChanged();
  }

  @Test
  void aFailedJobWithAll_bringsWhatLiesBeside() {
    start(Starts.job("a").input(Buffer.buffer("\"" + "x".repeat(1023) + "\"")));
    lease("one", 1);
    fail("a", 1, "one", "bad", "n");
    run(Scripts.DESCRIBE, "a", runIdBytes("a"));
    assertThat(reply())
        .startsWith("{job, <a------->, \"xxx")
        .matches(".*xxx\", <bad>, nil, nil, \\{[^{]*}, \\{w1}, w1, \\d+-\\d+, nil}");
    assertNothingChanged();
  }

  @Test
  void aTerminatedJob_bringsTheReason() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "wrong");
    run(Scripts.DESCRIBE, "a", "");
    assertThat(reply()).contains(", wrong, {}, {}, nil, ");
  }

  @Test
  void anOlderRun_isFoundByItsRunId() {
    start(Starts.job("a"));
    control(Scripts.TERMINATE, "a", "", "");
    start(Starts.job("a").build(), "a2");
    run(Scripts.DESCRIBE, "a", runIdBytes("a"));
    assertThat(reply()).startsWith("{job, <a------->");
    run(Scripts.DESCRIBE, "a", "");
    assertThat(reply()).startsWith("{job, <a2------>");
  }

  @Test
  void anUnknownId_isNotFound() {
    run(Scripts.DESCRIBE, "a", "");
    assertReply("{not_found}");
  }

  @Test
  void anUnknownRun_isNotFound() {
    start(Starts.job("a"));
    run(Scripts.DESCRIBE, "a", runIdBytes("b"));
    assertReply("{not_found}");
  }

  @Test
  void thePosition_isThatOfTheLastEvent() {
    start(Starts.job("a"));
    run(Scripts.DESCRIBE, "a", "");
    List<?> last = (List<?>) redis.list("XREVRANGE", key("ev"), "+", "-", "COUNT", "1").get(0);
    assertThat(reply()).endsWith(", " + last.get(0) + ", nil}");
  }
}
