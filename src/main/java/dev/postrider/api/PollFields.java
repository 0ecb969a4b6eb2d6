package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.TextRule;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads what a worker asks for, in a poll or beside a report. */
final class PollFields {

  private static final TextRule WORKER = new TextRule(1, 1000, true, false);

  /** How the workers that are built into the nodes are called. */
  private static final String BUILT_IN = "postrider/";

  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(20);
  private static final double LEAST_RATE = 0.1;
  private static final double GREATEST_RATE = 1_000_000;

  private PollFields() {}

  /**
   * What is asked for.
   *
   * @param patience how long to wait for the first task; zero = answer at once
   * @param maxTasksPerSecond null = any number
   */
  record Asked(int maxTasks, Duration patience, @Nullable Double maxTasksPerSecond) {}

  /** Who asks; only to be used if there are no errors. */
  static String worker(Fields fields) {
    String worker = fields.requiredText("worker", WORKER);
    if (worker.startsWith(BUILT_IN)) {
      fields.report("worker", "must not begin with " + BUILT_IN + ", as the nodes' own workers do");
    }
    return worker;
  }

  /** How many tasks are asked for, and how urgently. */
  static Asked tasks(Fields fields, ApiLimits limits) {
    Long maxTasks = fields.integer("maxTasks", 1, limits.maxTasks());
    Duration wait = fields.parsed("wait", text -> Exchange.parseWait(text, limits.maxWait()));
    Double rate = fields.decimal("maxTasksPerSecond", LEAST_RATE, GREATEST_RATE);
    return new Asked(
        maxTasks == null ? 1 : maxTasks.intValue(), wait == null ? DEFAULT_WAIT : wait, rate);
  }

  /** The member {@code next} of a report; null if nothing more is asked for. */
  static @Nullable Asked next(Fields fields, ApiLimits limits) {
    Fields next = fields.object("next");
    if (next == null) {
      return null;
    }
    Asked asked = tasks(next, limits);
    next.end();
    return asked;
  }
}
