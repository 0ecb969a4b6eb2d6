package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code task/canceled.lua}. */
class TaskCanceledScriptTest extends ScriptTest {
  private void cancelRequested() {
    start(Starts.job("a"));
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "enough");
  }

  @Test
  void anAttemptAskedToEnd_closesItsJobAsCanceled() {
    cancelRequested();
    at(7);
    canceled("a", 1, "call", "=\"at 3 of 10\"");
    assertReply("{canceled, +7, {{ok, X, a-------, +0}}, {}}");
    assertChanged(
        """
        + a:a-------: 0=#1 due +0 started +0 ended +7 X worker 1
        ~ ev: 3=X[#1 a------- default/a]
        + far: a------- default/a=+86460007
        ~ j:default/a: state=c→X ender=x closed=+7 outcome=apart flags=16→20
        - n:default/mail
        - nt:default/w1
        + o:a-------: value="at 3 of 10"
        ~ q:default/mail: in=1→0
        - tm
        """);
    assertRepeatable();
  }

  @Test
  void withoutDetails_thereAreNone() {
    cancelRequested();
    canceled("a", 1, "call", "-");
    assertThat(state("a")).isEqualTo("X");
    assertThat(part("j:default/a", "outcome")).isNull();
  }

  @Test
  void whatNobodyAsked_isRefused() {
    start(Starts.job("a"));
    lease("call", 1);
    canceled("a", 1, "call", "-");
    assertReply("{canceled, +0, {{invalid, R}}, {}}");
    assertNothingChanged();
  }

  @Test
  void whoAsksForMore_isNamed() {
    cancelRequested();
    Buffer token = token(1, "call").appendString("+");
    run(Scripts.CANCELED, "a", "n1", "0", "", "1", token, "-", "0");
    assertReply("{canceled, +0, {{ok, X, a-------, +0, default/mail, w1}}, {}}");
    assertRepeatable();
  }

  @ParameterizedTest
  @ValueSource(strings = {"complete", "fail", "terminate", "timeout", "handBack"})
  void anAttemptThatIsOver_isLost(String how) {
    cancelRequested();
    switch (how) {
      case "complete" -> complete("a", 1, "call", "-");
      case "fail" -> fail("a", 1, "call");
      case "terminate" -> control(Scripts.TERMINATE, "a", "", "");
      case "handBack" -> handBack("a", 1, "call");
      default -> {
        at(10_000);
        reap();
      }
    }
    canceled("a", 1, "call", "-");
    assertThat(reply()).contains("{{lost}}");
    assertNothingChanged();
  }

  @Test
  void aQueuedJob_orAnotherToken_isLost() {
    start(Starts.job("a"));
    canceled("a", 1, "call", "-");
    assertThat(reply()).contains("{{lost}}");
    lease("call", 1);
    control(Scripts.CANCEL, "a", "q1", "");
    canceled("a", 2, "call", "-");
    assertThat(reply()).contains("{{lost}}");
    canceled("a", 1, "other", "-");
    assertThat(reply()).contains("{{lost}}");
    assertNothingChanged();
  }
}
