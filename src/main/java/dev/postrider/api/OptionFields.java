package dev.postrider.api;

import dev.postrider.api.json.Fields;
import dev.postrider.api.json.TextRule;
import dev.postrider.job.Durations;
import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartTime;
import dev.postrider.job.Timeouts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads how a job is tried and what a start does when its id is taken. */
final class OptionFields {

  private static final int MAX_ERROR_TYPES = 100;

  /** They are read with every failure; a record has room for less than 64 KiB. */
  private static final int MAX_ERROR_TYPES_BYTES = 16 * 1024;

  private static final TextRule ERROR_TYPE = new TextRule(1, 1000, true, false);
  static final TextRule FAIRNESS_KEY = TextRule.oneLine(64);
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final int DEFAULT_INTERVALS = 100;

  private static final Map<String, IdConflictPolicy> CONFLICT =
      choices(IdConflictPolicy.values(), IdConflictPolicy::wire);
  private static final Map<String, IdReusePolicy> REUSE =
      choices(IdReusePolicy.values(), IdReusePolicy::wire);
  private static final Map<String, Boolean> MISMATCH = mismatch();

  private OptionFields() {}

  /**
   * Reads timeouts, retry policy and priority.
   *
   * @param defaults what stands for the fields that are absent
   */
  static JobOptions options(Fields fields, JobOptions defaults) {
    return new JobOptions(
        timeouts(fields, defaults.timeouts()),
        retryPolicy(fields.object("retryPolicy"), defaults.retryPolicy()),
        priority(fields.object("priority"), defaults.priority()));
  }

  /** Reads the timeouts and makes them agree with each other; zero means none. */
  private static Timeouts timeouts(Fields fields, Timeouts defaults) {
    int errorsBefore = fields.errors().list().size();
    Duration scheduleToClose =
        timeout(fields, "scheduleToCloseTimeout", defaults.scheduleToClose());
    Duration scheduleToStart =
        timeout(fields, "scheduleToStartTimeout", defaults.scheduleToStart());
    Duration startToClose = timeout(fields, "startToCloseTimeout", defaults.startToClose());
    Duration heartbeat = timeout(fields, "heartbeatTimeout", defaults.heartbeat());
    if (scheduleToClose == null
        && startToClose == null
        && fields.errors().list().size() == errorsBefore) {
      fields.report("startToCloseTimeout", "is required where scheduleToCloseTimeout is not given");
    }
    return agreeing(scheduleToClose, scheduleToStart, startToClose, heartbeat);
  }

  /** Timeouts that agree with each other; null means none. */
  static Timeouts agreeing(
      @Nullable Duration scheduleToClose,
      @Nullable Duration scheduleToStart,
      @Nullable Duration startToClose,
      @Nullable Duration heartbeat) {
    Duration pickup = scheduleToStart;
    Duration attempt = startToClose;
    if (scheduleToClose != null) {
      pickup = atMost(pickup, scheduleToClose);
      attempt = atMost(attempt, scheduleToClose);
    }
    Duration beat = heartbeat != null && attempt != null ? atMost(heartbeat, attempt) : heartbeat;
    return new Timeouts(scheduleToClose, pickup, attempt, beat);
  }

  private static @Nullable Duration timeout(
      Fields fields, String name, @Nullable Duration otherwise) {
    Duration given = fields.duration(name);
    if (given == null) {
      return otherwise;
    }
    return given.isZero() ? null : given;
  }

  private static Duration atMost(@Nullable Duration given, Duration bound) {
    return given == null || given.compareTo(bound) > 0 ? bound : given;
  }

  private static RetryPolicy retryPolicy(@Nullable Fields fields, RetryPolicy defaults) {
    if (fields == null) {
      return defaults;
    }
    Long attempts = attempts(fields, "maximumAttempts");
    Duration initial = interval(fields, "initialInterval");
    Duration maximum = interval(fields, "maximumInterval");
    Double coefficient = coefficient(fields, "backoffCoefficient");
    List<String> types = errorTypes(fields, "nonRetryableErrorTypes");
    Double jitter = jitter(fields, "jitter");
    fields.end();
    int maximumAttempts = attempts == null ? defaults.maximumAttempts() : attempts.intValue();
    Duration first = initial == null ? defaults.initialInterval() : initial;
    Duration longest = maximum;
    if (longest == null) {
      longest = initial == null ? defaults.maximumInterval() : hundredfold(first);
    } else if (longest.compareTo(first) < 0) {
      // A job that is tried once has no interval that could be wrong.
      if (maximumAttempts != 1) {
        fields.report(
            "maximumInterval",
            "must be at least initialInterval ("
                + Durations.format(first)
                + "), not "
                + Durations.format(longest));
      }
      longest = first;
    }
    return new RetryPolicy(
        first,
        coefficient == null ? defaults.backoffCoefficient() : coefficient,
        longest,
        maximumAttempts,
        types == null ? defaults.nonRetryableErrorTypes() : types,
        jitter == null ? defaults.jitter() : jitter);
  }

  static @Nullable Long attempts(Fields fields, String name) {
    return fields.integer(name, 0, Integer.MAX_VALUE);
  }

  static @Nullable Double coefficient(Fields fields, String name) {
    return fields.decimal(name, 1, 1000);
  }

  static @Nullable Double jitter(Fields fields, String name) {
    return fields.decimal(name, 0, 1);
  }

  static @Nullable List<String> errorTypes(Fields fields, String name) {
    List<String> types = fields.texts(name, MAX_ERROR_TYPES, ERROR_TYPE);
    if (types != null && utf8Length(types) > MAX_ERROR_TYPES_BYTES) {
      fields.report(name, "must be at most " + MAX_ERROR_TYPES_BYTES + " bytes of UTF-8 together");
    }
    return types;
  }

  private static int utf8Length(List<String> texts) {
    return texts.stream().mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length).sum();
  }

  static @Nullable Duration interval(Fields fields, String name) {
    Duration interval = fields.duration(name);
    if (interval != null && interval.compareTo(SHORTEST) < 0) {
      fields.report(name, "must be at least 1ms");
      return null;
    }
    return interval;
  }

  static Duration hundredfold(Duration interval) {
    return atMost(interval.multipliedBy(DEFAULT_INTERVALS), Durations.MAX);
  }

  private static Priority priority(@Nullable Fields fields, Priority defaults) {
    if (fields == null) {
      return defaults;
    }
    Long key = priorityKey(fields, "priorityKey");
    String fairnessKey = fairnessKey(fields, "fairnessKey");
    Double weight = fairnessWeight(fields, "fairnessWeight");
    fields.end();
    return new Priority(
        key == null ? defaults.priorityKey() : key.intValue(),
        fairnessKey == null ? defaults.fairnessKey() : fairnessKey,
        weight == null ? defaults.fairnessWeight() : weight);
  }

  static @Nullable Long priorityKey(Fields fields, String name) {
    return fields.integer(name, 1, 5);
  }

  static @Nullable String fairnessKey(Fields fields, String name) {
    return fields.text(name, FAIRNESS_KEY);
  }

  static @Nullable Double fairnessWeight(Fields fields, String name) {
    return fields.decimal(name, 0.001, 1000);
  }

  static StartPolicies policies(Fields fields) {
    IdConflictPolicy conflict = fields.choice("idConflictPolicy", CONFLICT);
    IdReusePolicy reuse = fields.choice("idReusePolicy", REUSE);
    Boolean reject = fields.choice("onPayloadMismatch", MISMATCH);
    return new StartPolicies(
        conflict == null ? StartPolicies.DEFAULT.conflict() : conflict,
        reuse == null ? StartPolicies.DEFAULT.reuse() : reuse,
        reject == null ? StartPolicies.DEFAULT.rejectPayloadMismatch() : reject);
  }

  static StartTime startTime(Fields fields) {
    Duration delay = fields.duration("startDelay");
    Instant at = fields.instant("startAt");
    if (fields.has("startDelay") && fields.has("startAt")) {
      fields.report("startAt", "must not be given together with startDelay");
    }
    if (at != null) {
      return new StartTime.At(at);
    }
    return delay == null || delay.isZero() ? StartTime.NOW : new StartTime.After(delay);
  }

  private static <T> Map<String, T> choices(T[] values, Function<T, String> wire) {
    Map<String, T> choices = new LinkedHashMap<>();
    Arrays.stream(values).forEach(value -> choices.put(wire.apply(value), value));
    return choices;
  }

  private static Map<String, Boolean> mismatch() {
    Map<String, Boolean> choices = new LinkedHashMap<>();
    choices.put("ignore", false);
    choices.put("reject", true);
    return choices;
  }
}
