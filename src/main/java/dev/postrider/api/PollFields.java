package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.JsonValue;
import dev.postrider.api.json.TextRule;
import dev.postrider.dispatch.PollRequest;
import dev.postrider.job.TaskQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a worker asks for, in a poll or beside a report. */
final class PollFields {

  private static final TextRule WORKER = new TextRule(1, 1000, true, false);

  /** How the workers that are built into the nodes are called. */
  private static final String BUILT_IN = "postrider/";

  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(20);
  private static final double LEAST_RATE = 0.1;
  private static final double GREATEST_RATE = 1_000_000;

  private static final double LEAST_WEIGHT = 0.001;
  private static final double GREATEST_WEIGHT = 1000;
  private static final Map<String, Boolean> STRICT = strict();

  private PollFields() {}

  private static Map<String, Boolean> strict() {
    Map<String, Boolean> orders = new LinkedHashMap<>();
    orders.put("weighted", false);
    orders.put("strict", true);
    return orders;
  }

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

  /** Whether the queues of a poll are asked in strict order. */
  static boolean isStrict(Fields fields) {
    return Boolean.TRUE.equals(fields.choice("order", STRICT));
  }

  /** The queues of a poll for several; only to be used if there are no errors. */
  static List<PollRequest.Share> queues(
      Fields fields, String namespace, boolean strict, ApiLimits limits) {
    fields.require("queues");
    List<JsonValue> elements = fields.elements("queues");
    int size = elements == null ? 1 : elements.size();
    if (size < 1 || size > limits.maxPollQueues()) {
      fields.report(
          "queues", "must have 1 to " + limits.maxPollQueues() + " elements, not " + size);
    }
    if (elements == null || size > limits.maxPollQueues()) {
      return List.of();
    }
    List<PollRequest.Share> queues = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < size; i++) {
      String path = fields.path("queues") + "[" + i + "]";
      Fields queue = Fields.of(elements.get(i), path, fields.errors());
      String name = queue.requiredText("name", TextRule.IDENTIFIER);
      Double weight = queue.decimal("weight", LEAST_WEIGHT, GREATEST_WEIGHT);
      if (strict && queue.has("weight")) {
        queue.report("weight", "is for the order weighted, not for strict");
      }
      String before = name.isEmpty() ? null : seen.putIfAbsent(name, path);
      if (before != null) {
        queue.report("name", "is that of " + before + ", too; each queue is named once");
      }
      queue.end();
      queues.add(
          new PollRequest.Share(new TaskQueue(namespace, name), weight == null ? 1 : weight));
    }
    return queues;
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
