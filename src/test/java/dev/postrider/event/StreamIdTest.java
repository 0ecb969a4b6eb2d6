package dev.postrider.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.RunId;
import dev.postrider.store.EventPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamIdTest {
  @Test
  void parse_readsWhatToStringWrote() {
    for (boolean last : new boolean[] {true, false}) {
      StreamId id = new StreamId(new RunId(-3), new EventPosition(1_763_000_000_123L, 7, 2), last);

      assertThat(StreamId.parse(id.toString())).contains(id);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "0123456789abcdef",
        "0123456789abcdef-",
        "0123456789abcdef-end",
        "0123456789abcdef-1-2",
        "0123456789abcdef-1-2-3-ended",
        "0123456789ABCDEF-1-2-3",
        "0123456789abcdef-1-2-65536",
        "0123456789abcdef--1-2-3",
        "0123456789abcdef-99999999999999999999-2-3"
      })
  void parse_refusesAnythingElse(String text) {
    assertThat(StreamId.parse(text)).isEmpty();
  }
}
