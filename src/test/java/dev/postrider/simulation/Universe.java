package dev.postrider.simulation;

import dev.postrider.job.Failure;
import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.JobKey;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartRequest;
import dev.postrider.job.StartTime;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The small world of a simulation: few names, so that they meet, and wild values for the rest. */
final class Universe {
  static final List<String> NAMESPACES = List.of("default", "a/b%2F c");
  static final List<String> QUEUES = List.of("q", "mail/fast");
  static final List<String> FAIRNESS_KEYS = List.of("", "", "tenant 1", "tenänt-2");
  static final List<String> DESTINATIONS =
      List.of("", "", "https://one.example:443", "http://two.example:80");
  private static final List<String> INPUTS =
      List.of("null", "{}", "[1]", "\"" + "x".repeat(30) + "\"", "\"" + "y".repeat(3000) + "\"");
  private static final List<String> TYPES = List.of("work", "work", "other");
  private static final int IDS = 10;

  private Universe() {}

  static List<JobKey> keys() {
    List<JobKey> keys = new ArrayList<>();
    for (String namespace : NAMESPACES) {
      for (int i = 0; i < IDS; i++) {
        keys.add(new JobKey(namespace, i == 0 ? "Grüße / 0" : "job-" + i));
      }
    }
    return keys;
  }

  static <T> T pick(Random random, List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  static JobKey key(Random random) {
    return pick(random, keys());
  }

  static TaskQueue queue(Random random) {
    return new TaskQueue(
        random.nextInt(4) == 0 ? NAMESPACES.get(1) : NAMESPACES.get(0), pick(random, QUEUES));
  }

  static List<TaskQueue> queues() {
    List<TaskQueue> queues = new ArrayList<>();
    NAMESPACES.forEach(n -> QUEUES.forEach(q -> queues.add(new TaskQueue(n, q))));
    return queues;
  }

  static @Nullable String requestId(Random random) {
    return random.nextInt(3) == 0 ? "request-" + random.nextInt(3) : null;
  }

  static @Nullable String reason(Random random) {
    return random.nextInt(3) == 0 ? "because " + random.nextInt(3) : null;
  }

  static @Nullable Buffer result(Random random) {
    return random.nextInt(4) == 0 ? null : Buffer.buffer(pick(random, INPUTS));
  }

  /** A start; every other one with nothing but defaults. */
  static StartRequest start(Random random, long now) {
    JobKey key = random.nextInt(4) == 0 ? key(random) : keys().get(random.nextInt(IDS));
    StartBuilder job =
        StartBuilder.aJob(key)
            .on(pick(random, QUEUES))
            .type(pick(random, TYPES))
            .to(pick(random, DESTINATIONS))
            .input(random.nextInt(6) == 0 ? null : pick(random, INPUTS))
            .requestId(requestId(random));
    String fairnessKey = pick(random, FAIRNESS_KEYS);
    job.priority(random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 3, fairnessKey, 1);
    if (random.nextBoolean()) {
      return job.build();
    }
    if (random.nextInt(4) == 0) {
      job.priority(1 + random.nextInt(5), fairnessKey, pick(random, List.of(0.5, 1.0, 2.5)));
    }
    job.policies(
        new StartPolicies(
            pick(random, List.of(IdConflictPolicy.values())),
            pick(random, List.of(IdReusePolicy.values())),
            random.nextBoolean()));
    if (random.nextInt(3) == 0) {
      job.startTime(startTime(random, now));
    }
    job.paused(random.nextInt(6) == 0);
    job.retry(retry(random));
    job.timeouts(timeouts(random));
    return job.build();
  }

  /** What a worker asks for at most in a second; null = any number. */
  static @Nullable Double rateOf(String worker) {
    return switch (worker) {
      case "worker b" -> 0.7;
      case "worker c" -> 3.0;
      default -> null;
    };
  }

  private static StartTime startTime(Random random, long now) {
    long delay = millis(random);
    return random.nextBoolean()
        ? new StartTime.After(Duration.ofMillis(Math.max(1, delay)))
        : new StartTime.At(Instant.ofEpochMilli(now + delay - 1000));
  }

  /** Mostly seconds, at times a few milliseconds or some minutes. */
  static long millis(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(20);
      case 1 -> 60_000L + random.nextInt(200_000);
      default -> random.nextInt(6_000);
    };
  }

  static RetryPolicy retry(Random random) {
    Duration initial = Duration.ofMillis(1 + millis(random));
    return new RetryPolicy(
        initial,
        pick(random, List.of(1.0, 2.0, 1.5)),
        initial.multipliedBy(1 + random.nextInt(8)),
        random.nextInt(4),
        random.nextInt(3) == 0 ? List.of("fatal", Failure.HEARTBEAT) : List.of(),
        pick(random, List.of(0.0, 0.0, 0.3, 1.0)));
  }

  static Timeouts timeouts(Random random) {
    Duration toClose = random.nextBoolean() ? Duration.ofMillis(1 + 3 * millis(random)) : null;
    Duration startToClose = least(Duration.ofMillis(1 + 2 * millis(random)), toClose);
    boolean toStart = random.nextInt(3) == 0 || toClose != null;
    return new Timeouts(
        toClose,
        toStart ? least(Duration.ofMillis(1 + 3 * millis(random)), toClose) : null,
        startToClose,
        random.nextInt(3) == 0 ? least(Duration.ofMillis(1 + millis(random)), startToClose) : null);
  }

  static Duration least(Duration one, @Nullable Duration other) {
    return other == null || one.compareTo(other) < 0 ? one : other;
  }

  static Failure failure(Random random) {
    Duration delay = random.nextInt(5) == 0 ? Duration.ofMillis(random.nextInt(5_000)) : null;
    return new Failure(
        pick(random, List.of("http.503", "http.500", "fatal")),
        "attempt failed " + random.nextInt(10),
        random.nextInt(8) == 0,
        delay,
        random.nextBoolean() ? Buffer.buffer("[1]") : null,
        null);
  }
}
