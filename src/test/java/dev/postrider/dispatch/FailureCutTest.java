package dev.postrider.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Failure;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailureCutTest {
  private static final Duration DELAY = Duration.ofSeconds(5);

  @Test
  void aFailureOfTheGreatestLengthStaysAsItIs() {
    Failure failure = failure("m".repeat(80), "d".repeat(10), failure("", "", null));

    assertThat(FailureCut.to(98, failure)).isSameAs(failure);
    assertThat(FailureCut.to(97, failure)).isNotEqualTo(failure);
  }

  @Test
  void detailsGoFirst() {
    Failure failure = failure("what", "d".repeat(1000), failure("why", "d".repeat(10), null));

    Failure cut = FailureCut.to(200, failure);

    assertThat(cut.message()).isEqualTo("what (cut: this failure had 1025 bytes)");
    assertThat(cut.details()).isNull();
    assertThat(cut.cause()).isEqualTo(failure("why", null, null));
    assertThat(cut.type()).isEqualTo("type");
    assertThat(cut.nonRetryable()).isTrue();
    assertThat(cut.nextRetryDelay()).isEqualTo(DELAY);
  }

  @Test
  void causesGoFromTheInnermost() {
    Failure failure =
        failure("what", null, failure("why", null, failure("w".repeat(1000), null, null)));

    assertThat(FailureCut.to(200, failure).cause()).isEqualTo(failure("why", null, null));
    assertThat(FailureCut.to(48, failure).cause()).isNull();
  }

  @Test
  void theEndOfTheMessageGoesLastAndInWholeCharacters() {
    for (int max = 100; max < 110; max++) {
      Failure cut = FailureCut.to(max, failure("😀".repeat(1000), null, null));

      String kept = cut.message().substring(0, cut.message().indexOf(" (cut"));
      assertThat(kept).isEqualTo("😀".repeat(kept.length() / 2)).isNotEmpty();
      assertThat(cut.message().getBytes(UTF_8).length + 4).isBetween(max - 3, max);
    }
  }

  private static Failure failure(String message, String details, Failure cause) {
    return new Failure(
        "type", message, true, DELAY, details == null ? null : Buffer.buffer(details), cause);
  }
}
