package dev.postrider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.config.PostriderConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenFilesTest {
  /** 100 + 20 + 3 + 4, and 500 beside. */
  private static final long NEEDED = 627;

  private static final PostriderConfig CONFIG =
      PostriderConfig.load(
          Optional.empty(),
          Map.of(),
          List.of(
              "limits.maxParkedPolls=100",
              "limits.maxResultWaiters=20",
              "limits.maxStreams=3",
              "delivery.maxInFlight=4"));

  @Test
  void aLimitThatIsJustEnoughIsStated() {
    OpenFiles files = OpenFiles.of(CONFIG, NEEDED);

    assertThat(files.suffices()).isTrue();
    assertThat(files.sentence())
        .isEqualTo(
            "open files: 627 allowed, at most 627 (parked polls 100, waiting calls 20, streams 3,"
                + " deliveries 4, 500 beside) needed");
  }

  @Test
  void oneThatIsNotIsNamedWithWhatToDo() {
    OpenFiles files = OpenFiles.of(CONFIG, NEEDED - 1);

    assertThat(files.suffices()).isFalse();
    assertThat(files.sentence())
        .startsWith("open files: only 626 allowed, and up to 627 (")
        .contains("ulimit -n 627", "limits.maxParkedPolls")
        .doesNotContain("\n");
  }

  @Test
  void theLimitOfThisProcessIsKnown() {
    assertThat(OpenFiles.allowedHere()).isGreaterThan(0);
  }
}
