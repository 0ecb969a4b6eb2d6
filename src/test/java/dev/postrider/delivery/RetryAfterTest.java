package dev.postrider.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.500Z");

  @Test
  void parse_seconds_isThatLong() {
    assertThat(parse("125", null)).isEqualTo(Duration.ofSeconds(125));
    assertThat(parse(" 1 ", null)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void parse_date_isTheTimeUntilThen() {
    assertThat(parse("Fri, 02 Jan 2026 03:04:10 GMT", null)).isEqualTo(Duration.ofMillis(4_500));
  }

  @Test
  void parse_dateFromAClockThatIsWrong_isMeasuredByThatClock() {
    assertThat(parse("Fri, 02 Jan 2026 05:00:30 GMT", "Fri, 02 Jan 2026 05:00:00 GMT"))
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void parse_longerThanTheMost_isCut() {
    assertThat(parse("86400", null)).isEqualTo(Duration.ofHours(24));
    assertThat(parse("86401", null)).isEqualTo(Duration.ofHours(24));
    assertThat(parse("99999999999999999999999", null)).isEqualTo(Duration.ofHours(24));
    assertThat(parse("Fri, 02 Jan 2099 03:04:10 GMT", null)).isEqualTo(Duration.ofHours(24));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-5",
        "1.5",
        "soon",
        "5s",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "Fri, 32 Jan 2026",
        "٣"
      })
  void parse_whatIsNoTimeToCome_leavesItToThePolicy(String value) {
    assertThat(parse(value, null)).isNull();
  }

  private static @Nullable Duration parse(String value, @Nullable String date) {
    return RetryAfter.parse(value, date, NOW, Duration.ofHours(24));
  }
}
