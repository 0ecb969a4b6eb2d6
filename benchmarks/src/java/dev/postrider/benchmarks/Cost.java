package dev.postrider.benchmarks;

import java.util.List;

/**
 * What something cost Redis, per job.
 *
 * @param cpu microseconds of its main thread
 * @param script microseconds in scripts by its own clock, which runs on while others have the
 *     processor
 * @param calls of scripts
 * @param bytes that it left
 */
record Cost(double cpu, double script, double calls, double bytes) {
  static Cost of(Reading used, int jobs) {
    return new Cost(
        used.cpuMicros() / jobs,
        (double) used.scripts().micros() / jobs,
        (double) used.scripts().calls() / jobs,
        (double) used.memory() / jobs);
  }

  Cost plus(Cost other) {
    return new Cost(
        cpu + other.cpu, script + other.script, calls + other.calls, bytes + other.bytes);
  }

  static void head(String title) {
    Table.head(title, "CPU µs", "script µs", "calls");
  }

  /** A row of medians under that head. */
  static void row(String name, List<Cost> costs) {
    Table.medians(name, costs, Cost::cpu, Cost::script, Cost::calls);
  }

  /** A job's life in its three steps. */
  record Life(Cost start, Cost lease, Cost complete) {
    Cost whole() {
      return start.plus(lease).plus(complete);
    }
  }
}
