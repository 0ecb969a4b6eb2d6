package dev.postrider.benchmarks;

import dev.postrider.testing.RedisServer;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a Redis has used: since its start, or between two readings.
 *
 * @param cpuMicros of its main thread, user and system
 * @param memory bytes in use, without the stream of events, which is bounded
 * @param commands by name; what scripts call counts under its own name and under {@code evalsha}
 */
record Reading(double cpuMicros, long memory, Map<String, Command> commands) {
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^cmdstat_([^:]+):calls=(\\d+),usec=(\\d+)");
  private static final Pattern MAIN_THREAD =
      Pattern.compile("(?m)^used_cpu_(?:user|sys)_main_thread:([0-9.]+)");
  private static final String EVENTS = "{0}ev";
  private static final Pattern MEMORY = Pattern.compile("(?m)^used_memory:(\\d+)");

  /** How often a command was called and how long it took, waiting for the processor included. */
  record Command(long calls, long micros) {
    static final Command NONE = new Command(0, 0);

    Command minus(Command earlier) {
      return new Command(calls - earlier.calls, micros - earlier.micros);
    }
  }

  static Reading of(RedisServer redis) {
    String info = String.valueOf(redis.call("INFO", "everything"));
    Map<String, Command> commands = new TreeMap<>();
    Matcher command = COMMAND.matcher(info);
    while (command.find()) {
      commands.put(
          command.group(1),
          new Command(Long.parseLong(command.group(2)), Long.parseLong(command.group(3))));
    }
    double cpu = 0;
    Matcher thread = MAIN_THREAD.matcher(info);
    while (thread.find()) {
      cpu += Double.parseDouble(thread.group(1)) * 1e6;
    }
    Matcher memory = MEMORY.matcher(info);
    long used = memory.find() ? Long.parseLong(memory.group(1)) : 0;
    Object stream = redis.call("MEMORY", "USAGE", EVENTS);
    return new Reading(cpu, stream instanceof Long bytes ? used - bytes : used, commands);
  }

  Reading minus(Reading earlier) {
    Map<String, Command> used = new TreeMap<>();
    commands.forEach(
        (name, command) -> {
          Command more = command.minus(earlier.commands.getOrDefault(name, Command.NONE));
          if (more.calls() > 0) {
            used.put(name, more);
          }
        });
    return new Reading(cpuMicros - earlier.cpuMicros, memory - earlier.memory, used);
  }

  /** Calls of scripts. */
  Command scripts() {
    return commands.getOrDefault("evalsha", Command.NONE);
  }

  /** Each command's calls and microseconds per job, the dearest first. */
  String perJob(int jobs) {
    StringBuilder text = new StringBuilder();
    commands.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue().micros(), a.getValue().micros()))
        .forEach(
            command ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "    %-14s %9.4f calls %8.3f us%n",
                        command.getKey(),
                        (double) command.getValue().calls() / jobs,
                        (double) command.getValue().micros() / jobs)));
    return text.toString();
  }
}
