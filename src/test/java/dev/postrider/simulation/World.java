package dev.postrider.simulation;

import dev.postrider.job.JobKey;
import dev.postrider.job.Task;
import dev.postrider.job.TaskToken;
import dev.postrider.store.RunSummary;
import dev.postrider.store.Wakeup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The model with all its verbs, the time, and what the workers hold. */
final class World {
  private static final int TOKENS_REMEMBERED = 60;

  final ModelStore model;
  final ModelReports reports;
  final ModelControls controls;
  final ModelOptions options;
  final ModelDuties duties;
  final LeaseJudge judge;
  long now = 1_800_000_000_000L;
  Observation seen = new Observation();

  /** Tokens that were given, the oldest first; some no longer hold. */
  final List<TaskToken> tokens = new ArrayList<>();

  /** Tokens of reports that were made. */
  final List<TaskToken> reported = new ArrayList<>();

  final Unsatisfied unsatisfied = new Unsatisfied();

  /** Workers that were told, in the answers of this step, all there is to tell. */
  final Set<Wakeup.Noticed> askedAll = new HashSet<>();

  /** The latest token that was given of each job. */
  private final Map<JobKey, TaskToken> latest = new HashMap<>();

  private final Rig rig;
  private int unique;

  World(Rig rig) {
    this.rig = rig;
    this.model =
        new ModelStore(
            rig.settings(),
            new Choice() {
              @Override
              public long moment(ModelRun run, long from, long to) {
                return seen.moment(run, from, to);
              }

              @Override
              public boolean reached(ModelRun run) {
                return seen.reached(run);
              }
            });
    this.reports = new ModelReports(model);
    this.controls = new ModelControls(model);
    this.options = new ModelOptions(model);
    this.duties = new ModelDuties(model, reports);
    model.pass(now);
    this.judge = new LeaseJudge(model, duties);
  }

  /** A request id that nobody else uses: what the store makes up where none is given. */
  String uniqueRequestId() {
    return "own-" + unique++;
  }

  String builtInWorker(int node) {
    return rig.builtInWorker(node);
  }

  void given(List<Task> tasks) {
    for (Task task : tasks) {
      tokens.add(task.token());
      latest.put(task.token().key(), task.token());
    }
    while (tokens.size() > TOKENS_REMEMBERED) {
      tokens.remove(0);
    }
  }

  boolean holds(TaskToken token) {
    return model.latest(token.key()).map(run -> token.equals(run.token)).orElse(false);
  }

  /** A report was taken: the token it came with must not have been superseded. */
  void accepted(TaskToken token) {
    TaskToken since = latest.get(token.key());
    if (since != null && !since.equals(token)) {
      throw new IllegalMove("a report under " + token + " was taken after " + since + " was given");
    }
  }

  static void same(String what, Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) {
      throw new IllegalMove(what + ": " + expected + " expected, but " + actual);
    }
  }

  /** Compares where a move left a run. */
  static void same(RunSummary expected, RunSummary actual) {
    same("runId", expected.runId(), actual.runId());
    same("status", expected.status(), actual.status());
    same("runState", expected.runState(), actual.runState());
    same("nextAttemptAt", expected.nextAttemptAt(), actual.nextAttemptAt());
  }
}
