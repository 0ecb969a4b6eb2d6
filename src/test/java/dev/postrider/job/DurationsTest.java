package dev.postrider.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  private static final Pattern NOTATION = Pattern.compile("^(0|[1-9][0-9]{0,11})(ms|s|m|h|d)$");

  @ParameterizedTest
  @CsvSource({
    "0ms, 0",
    "0d, 0",
    "1ms, 1",
    "500ms, 500",
    "999999999999ms, 999999999999",
    "30s, 30000",
    "5m, 300000",
    "12h, 43200000",
    "7d, 604800000",
    "36500d, 3153600000000",
    "3153600000s, 3153600000000"
  })
  void parse_inTheNotation_isThatManyMilliseconds(String text, long millis) {
    assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
    assertThat(Durations.parseMillis(text)).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "5",
        "s",
        "ms",
        "-1s",
        "+1s",
        "1.5s",
        "01s",
        "00s",
        "1 s",
        " 1s",
        "1s ",
        "1S",
        "1M",
        "1msec",
        "1sm",
        "1w",
        "1y",
        "1h30m",
        "PT1S",
        "1000000000000ms",
        "٣s",
        "1s\n",
        "1ns"
      })
  void parse_outsideTheNotation_isRefusedWithTheRule(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessageStartingWith("must be a whole number")
        .withMessageContaining("500ms")
        .withMessageEndingWith("not \"" + text + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"36501d", "876001h", "999999999999d", "999999999999h", "3153600001s"})
  void parse_onePastAHundredYears_isRefusedWithTheLimit(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessage("must be at most 36500d, not " + text);
  }

  @Test
  void aRefusalQuotesOnlyTheBeginningOfALongText() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse("x".repeat(1_000_000)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "1, 1ms",
    "1500, 1500ms",
    "1000, 1s",
    "90000, 90s",
    "60000, 1m",
    "5400000, 90m",
    "3600000, 1h",
    "129600000, 36h",
    "86400000, 1d",
    "604800000, 7d",
    "3153600000000, 36500d"
  })
  void format_usesTheLargestUnitThatDividesExactly(long millis, String text) {
    assertThat(Durations.formatMillis(millis)).isEqualTo(text);
    assertThat(Durations.format(Duration.ofMillis(millis))).isEqualTo(text);
  }

  @Test
  void format_ofWhatCannotBeWritten_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Durations.formatMillis(-1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.formatMillis(Durations.MAX.toMillis() + 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.format(Duration.ofNanos(1_000_001)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.format(Duration.ofSeconds(Long.MAX_VALUE)));
    assertThatIllegalArgumentException().isThrownBy(() -> Durations.format(Duration.ofSeconds(-1)));
  }

  @Test
  void whatIsFormattedIsInTheNotationAndParsesBack() {
    Random random = new Random(42);
    long[] units = {1, 1_000, 60_000, 3_600_000, 86_400_000};
    for (int i = 0; i < 10_000; i++) {
      long unit = units[random.nextInt(units.length)];
      long most = Math.min(999_999_999_999L, Durations.MAX.toMillis() / unit);
      long millis = (random.nextLong() >>> 1) % most * unit;
      String text = Durations.formatMillis(millis);
      assertThat(text).matches(NOTATION);
      assertThat(Durations.parseMillis(text)).isEqualTo(millis);
    }
  }
}
