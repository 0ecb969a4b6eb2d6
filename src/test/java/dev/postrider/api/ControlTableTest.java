package dev.postrider.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.store.EventPosition;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Holds the service against the tables of {@code lua/job/README.md}: what every control and every
 * report does in every state.
 */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class ControlTableTest {
  private static final Path PAGE = Path.of("lua/job/README.md");
  private static final String CONTROLS = "What a control does";
  private static final String REPORTS = "What a report does under a lease that holds";
  private static final String LATE = "What a late report is answered";
  private static final List<String> OPEN =
      List.of(
          "turn",
          "start_time",
          "backoff",
          "started",
          "built_in",
          "cancel_requested",
          "pause_requested",
          "reset_requested",
          "reset_then_pause",
          "paused",
          "paused_in_backoff",
          "paused_at_start");

  /** One row for one of its states. */
  private record Case(
      String verb, String before, String answer, String after, String attempt, String events) {
    @Override
    public String toString() {
      return verb + " in " + before;
    }
  }

  /** One row for one of its fates. */
  private record Late(String report, String fate, String answer) {
    @Override
    public String toString() {
      return report + " after " + fate;
    }
  }

  private LiveApi live;
  private int number;

  @BeforeEach
  void start(Vertx vertx, RedisServer redis) throws Exception {
    live = LiveApi.start(vertx, redis, 1, 10);
  }

  private static List<Case> cases(String heading) {
    List<Case> cases = new ArrayList<>();
    for (List<String> row : MarkdownTable.below(PAGE, heading)) {
      for (String before : MarkdownTable.words(row.get(1))) {
        cases.add(new Case(row.get(0), before, row.get(2), row.get(3), row.get(4), row.get(5)));
      }
    }
    return cases;
  }

  private static List<Late> late() {
    List<Late> late = new ArrayList<>();
    for (List<String> row : MarkdownTable.below(PAGE, LATE)) {
      MarkdownTable.words(row.get(1)).forEach(f -> late.add(new Late(row.get(0), f, row.get(2))));
    }
    return late;
  }

  @Test
  void everyControlStandsThereOnceForEveryState() {
    List<String> states = new ArrayList<>(OPEN);
    states.addAll(StagedJob.CLOSED);
    assertThat(cases(CONTROLS).stream().map(Case::toString).toList())
        .containsExactlyInAnyOrderElementsOf(pairs(Controls.VERBS, states));
  }

  @Test
  void everyReportStandsThereOnceForEveryStateOfALease() {
    assertThat(cases(REPORTS).stream().map(Case::toString).toList())
        .containsExactlyInAnyOrderElementsOf(pairs(Controls.REPORTS, StagedJob.RUNNING));
  }

  @Test
  void everyLateReportStandsThereOnceForEveryFate() {
    List<String> expected = new ArrayList<>();
    for (String report : Controls.LATE_REPORTS) {
      for (String fate : LateLease.FATES) {
        expected.add(report + " after " + fate);
      }
    }
    assertThat(late().stream().map(Late::toString).toList())
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  /** What a page of the states says is what the states of the table are. */
  @Test
  void everyStateOfTheTableIsExplained() {
    Set<String> explained = new TreeSet<>();
    for (List<String> row : MarkdownTable.below(PAGE, "States")) {
      explained.addAll(List.of(row.get(0).replace("`", "").split(" ")));
    }
    List<String> states = new ArrayList<>(OPEN);
    states.addAll(StagedJob.CLOSED);
    assertThat(explained).containsExactlyInAnyOrderElementsOf(states);
  }

  private static List<String> pairs(List<String> verbs, List<String> states) {
    List<String> pairs = new ArrayList<>();
    for (String verb : verbs) {
      for (String state : states) {
        pairs.add(verb + " in " + state);
      }
    }
    return pairs;
  }

  @TestFactory
  Stream<DynamicTest> aControlDoesWhatTheTableSays() {
    return cases(CONTROLS).stream().map(c -> dynamicTest(c.toString(), () -> check(c)));
  }

  @TestFactory
  Stream<DynamicTest> aReportDoesWhatTheTableSays() {
    return cases(REPORTS).stream().map(c -> dynamicTest(c.toString(), () -> check(c)));
  }

  @TestFactory
  Stream<DynamicTest> aLateReportIsAnsweredAsTheTableSays() {
    return late().stream().map(l -> dynamicTest(l.toString(), () -> check(l)));
  }

  private void check(Case row) {
    StagedJob job = new StagedJob(live, number++);
    if (row.verb().equals("restore options")) {
      job.changedAtStart();
    }
    job.bring(row.before());
    int attempt = job.attempt();
    JsonNode before = job.job();
    EventPosition since = job.now();

    HttpAnswer answer = Controls.call(live.client(), job, row.verb());

    assertThat(said(answer)).as(answer.body()).isEqualTo(row.answer());
    assertThat(job.eventsSince(since)).isEqualTo(MarkdownTable.words(row.events()));
    String after = row.after().equals("–") ? row.before() : row.after();
    assertThat(job.state()).isEqualTo(StagedJob.shown(after));
    if (after.equals("gone")) {
      return;
    }
    assertThat(job.attempt())
        .isEqualTo(
            switch (row.attempt()) {
              case "–" -> attempt;
              case "+1" -> attempt + 1;
              default -> Integer.parseInt(row.attempt());
            });
    if (answer.status() >= 400) {
      assertThat(job.job()).isEqualTo(before);
    }
    Controls.checkEffect(job, row.verb(), answer);
    if (StagedJob.RUNNING.contains(after)) {
      assertThat(job.asked()).isEqualTo(StagedJob.askedIn(after));
    }
  }

  private void check(Late row) {
    StagedJob job = new StagedJob(live, number++);
    String token = LateLease.bring(live, job, row.fate());
    JsonNode before = job.job();
    EventPosition since = job.now();

    HttpAnswer answer = Controls.report(live.client(), token, row.report());

    assertThat(said(answer)).as(answer.body()).isEqualTo(row.answer());
    assertThat(job.eventsSince(since)).isEmpty();
    assertThat(job.job()).isEqualTo(before);
  }

  private static String said(HttpAnswer answer) {
    return answer.status() < 400 ? "" + answer.status() : answer.status() + " " + answer.code();
  }
}
