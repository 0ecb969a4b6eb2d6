package dev.postrider.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireFormatTest {

  @ParameterizedTest
  @CsvSource({"0s,0", "1ms,1", "1500ms,1500", "2s,2000", "3m,180000", "4h,14400000", "1d,86400000"})
  void durationsAreRead(String text, long millis) {
    assertThat(WireFormat.duration(new TextNode(text))).hasValue(Duration.ofMillis(millis));
  }

  @Test
  void durationsAreWholeMilliseconds() {
    assertThat(WireFormat.duration(Duration.ofSeconds(2))).isEqualTo("2000ms");
    assertThatThrownBy(() -> WireFormat.duration(Duration.ofNanos(1_000_001)))
        .hasMessageStartingWith("must be a whole number of milliseconds, at least 0: ");
    assertThatThrownBy(() -> StartOptions.newBuilder("t", "q").startDelay(Duration.ofMillis(-1)))
        .hasMessage("startDelay must be a whole number of milliseconds, at least 0: PT-0.001S");
  }

  @Test
  void namesAreEncodedForPaths() {
    assertThat(WireFormat.encode("a/b c?d&e+ü")).isEqualTo("a%2Fb%20c%3Fd%26e%2B%C3%BC");
  }

  @Test
  void callsAreRepeatedWhenThatMayHelp() {
    assertThat(Retry.isTransient(problem(503))).isTrue();
    assertThat(Retry.isTransient(problem(429))).isTrue();
    assertThat(Retry.isTransient(new ServiceUnavailableException("m", new TimeoutException())))
        .isTrue();
    assertThat(Retry.isTransient(problem(409))).isFalse();
    assertThat(Retry.isTransient(problem(500))).isFalse();
    assertThat(Retry.isTransient(problem(507))).isFalse();
    assertThat(Retry.isTransient(new IllegalStateException())).isFalse();
  }

  @Test
  void restsGrowUpToABoundAndHeedTheService() {
    ServiceUnavailableException away = new ServiceUnavailableException("m", new TimeoutException());
    ProblemException asked = ProblemException.of(503, Json.object(), Duration.ofSeconds(20));

    assertThat(Retry.rest(away, 1)).isBetween(Duration.ofMillis(40), Duration.ofMillis(50));
    assertThat(Retry.rest(away, 4)).isBetween(Duration.ofMillis(320), Duration.ofMillis(400));
    assertThat(Retry.rest(away, 1_000)).isBetween(Duration.ofMillis(2_400), Duration.ofSeconds(3));
    assertThat(Retry.rest(asked, 1)).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(24));
  }

  private static ProblemException problem(int status) {
    return ProblemException.of(status, Json.object(), null);
  }
}
