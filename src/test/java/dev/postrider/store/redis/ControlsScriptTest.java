package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.TaskQueue;
import dev.postrider.redis.Script;
import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every control in every state that it can meet: what it answers, the state after it, and the kind
 * of event that it leaves behind ({@code -} = none).
 */
class ControlsScriptTest extends ScriptTest {
  private static final Map<String, Script> CONTROLS =
      Map.of(
          "cancel", Scripts.CANCEL,
          "terminate", Scripts.TERMINATE,
          "pause", Scripts.PAUSE,
          "unpause", Scripts.UNPAUSE,
          "reset", Scripts.RESET,
          "reset keepPaused", Scripts.RESET,
          "update options", Scripts.UPDATE_OPTIONS,
          "retry-now", Scripts.RETRY_NOW,
          "complete by id", Scripts.COMPLETE_BY_ID,
          "fail by id", Scripts.FAIL_BY_ID);

  /** S queued, W in back-off, P paused, R and on: an attempt runs; T closed. */
  private void bring(String state) {
    start(Starts.job("a"));
    switch (state) {
      case "S" -> {}
      case "W" -> {
        lease("call", 1);
        fail("a", 1, "call");
      }
      case "P" -> control(Scripts.PAUSE, "a", "before", "");
      case "T" -> control(Scripts.TERMINATE, "a", "before", "");
      default -> {
        lease("call", 1);
        switch (state) {
          case "c" -> control(Scripts.CANCEL, "a", "before", "");
          case "p", "k" -> control(Scripts.PAUSE, "a", "before", "");
          case "r" -> control(Scripts.RESET, "a", "before", "", "", "0", "");
          default -> {}
        }
        if (state.equals("k")) {
          control(Scripts.RESET, "a", "before", "", "k", "0", "");
        }
      }
    }
    assertThat(state("a")).isEqualTo(state);
  }

  private void take(String control) {
    Script script = CONTROLS.get(control);
    switch (control) {
      case "unpause" -> control(script, "a", "now", "", "0");
      case "reset" -> control(script, "a", "now", "", "", "0", "");
      case "reset keepPaused" -> control(script, "a", "now", "", "k", "0", "");
      case "update options" -> control(script, "a", "now", "", options("mail"), options("other"));
      case "complete by id" -> run(script, "a", "", "", "now", "=1");
      case "fail by id" -> run(script, "a", "", "", "now", "bad", "n", "<bad>");
      default -> control(script, "a", "now", "");
    }
  }

  private static Buffer options(String queue) {
    return PackedOptions.pack(
        new AdjustableOptions(
            Starts.job("a").build().options(), new TaskQueue("default", queue), Duration.ZERO));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cancel           | ok X X | ok X X | ok X X | ok c c | already | ok c c  | ok c c  | ok c c  | closed
          terminate        | ok T T | ok T T | ok T T | ok T T | ok T T  | ok T T  | ok T T  | ok T T  | closed
          pause            | ok P P | ok P P | ok P - | ok p p | invalid | ok p -  | invalid | invalid | closed
          unpause          | ok S - | ok W - | ok S u | ok R - | invalid | ok R v  | ok r -  | invalid | closed
          reset            | ok S R | ok S R | ok S R | ok r R | invalid | ok r R  | invalid | invalid | closed
          reset keepPaused | ok S R | ok S R | ok P R | ok r R | invalid | ok k R  | invalid | invalid | closed
          update options   | ok S o | ok W o | ok P o | ok R o | invalid | ok p o  | invalid | invalid | closed
          retry-now        | ok S - | ok S n | invalid| invalid| invalid | invalid | invalid | invalid | closed
          complete by id   | ok C C | ok C C | ok C C | ok C C | ok C C  | ok C C  | ok C C  | ok C C  | closed
          fail by id       | lost   | lost   | lost   | ok F F | ok F F  | ok F F  | ok S r  | ok P q  | closed
          """)
  void aControl_inEachState(
      String control,
      String s,
      String w,
      String p,
      String started,
      String cancelRequested,
      String pauseRequested,
      String resetRequested,
      String resetThenPause,
      String closed) {
    String[] expected = {
      s, w, p, started, cancelRequested, pauseRequested, resetRequested, resetThenPause, closed
    };
    List<String> states = List.of("S", "W", "P", "R", "c", "p", "r", "k", "T");
    for (int i = 0; i < expected.length; i++) {
      redis.call("FLUSHALL");
      String state = states.get(i);
      bring(state);
      int events = keyspace().keys().get("ev").size();

      take(control);

      String what = control + " in " + state;
      String[] cell = expected[i].trim().split(" ", 3);
      String after = cell.length > 1 ? cell[1] : state;
      assertThat(reply())
          .as(what)
          .startsWith(
              switch (cell[0]) {
                case "ok" -> "{ok, " + after;
                case "already" -> "{cancel_already_requested";
                case "lost" -> "{lost";
                default -> "{" + cell[0] + ", " + state;
              });
      assertThat(state("a")).as(what).isEqualTo(after);
      String event = part("ev", String.valueOf(events));
      assertThat(event == null ? "-" : event.substring(0, 1))
          .as("event of %s", what)
          .isEqualTo(cell.length > 2 ? cell[2] : "-");
      if (!cell[0].equals("ok")) {
        assertNothingChanged();
      } else {
        assertRepeatable();
      }
      assertThat(Invariants.brokenIn(keyspace())).as(what).isEmpty();
    }
  }

  /** The first time's request id tells a repetition even when its effect is long undone. */
  @ParameterizedTest
  @CsvSource({"pause, unpause", "reset, pause", "unpause, pause", "cancel, terminate"})
  void aRepeatedRequest_isOkAfterTheStateMovedOn(String control, String undone) {
    start(Starts.job("a"));
    if (control.equals("unpause")) {
      control(Scripts.PAUSE, "a", "before", "");
    }
    if (control.equals("cancel")) {
      lease("call", 1);
    }
    take(control);
    if (undone.equals("unpause")) {
      control(Scripts.UNPAUSE, "a", "other", "", "0");
    } else {
      control(CONTROLS.get(undone), "a", "other", "");
    }
    String now = state("a");
    take(control);
    assertThat(reply()).startsWith("{ok, " + now);
    assertNothingChanged();
  }
}
