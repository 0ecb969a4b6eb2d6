package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

/** Exceptions become failures that can be written, whatever their texts. */
class FailuresTest {
  private static final String PAIR = "\uD83D\uDE00";

  @Test
  void aLongMessageIsCutBetweenCharacters() {
    String message = messageOf("x".repeat(3_999) + PAIR + "y");

    assertThat(message).isEqualTo("x".repeat(3_999) + "…");
  }

  @Test
  void halvesOfPairsAreReplaced() {
    ObjectNode failure = Failures.json("t" + PAIR.charAt(1), PAIR.charAt(0) + "a" + PAIR, false);

    assertThat(failure.path("message").asText()).isEqualTo("\uFFFDa" + PAIR);
    assertThat(failure.path("type").asText()).isEqualTo("t\uFFFD");
    assertThat(Json.bytes(failure).length()).isPositive();
  }

  @Test
  void aBareFailureKeepsItsTypeAndRetryability() {
    ObjectNode failure = Failures.json("flaky", "m", true);
    failure.put("details", "large").put("cause", "larger").put("nextRetryDelay", "5s");

    assertThat(Failures.bare(failure))
        .isEqualTo(Failures.json("flaky", "m", true).put("nextRetryDelay", "5s"));
    assertThat(failure.has("details")).isTrue();
  }

  private static String messageOf(String message) {
    return Failures.json("t", message, false).path("message").asText();
  }
}
