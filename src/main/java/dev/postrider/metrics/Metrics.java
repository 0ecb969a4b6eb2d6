package dev.postrider.metrics;

import dev.postrider.job.JobStatus;
import dev.postrider.job.TaskQueue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What this node counts and measures. Safe on any thread.
 *
 * <p>Names of queues and types are the users' own, so their number is bounded: past {@link
 * #MOST_SERIES} pairs of them, further ones are counted together as {@value #OTHER}.
 */
public final class Metrics {
  /** Pairs of queue and type that are told apart. */
  public static final int MOST_SERIES = 200;

  public static final String OTHER = "_other";

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(10),
    Duration.ofHours(1)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Work, Tags> told = new ConcurrentHashMap<>();
  private final Map<Series, Counter> counters = new ConcurrentHashMap<>();
  private final Map<Series, Timer> timers = new ConcurrentHashMap<>();

  /** Where Vert.x registers its own. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /**
   * A start was answered.
   *
   * @param outcome {@code started}, {@code existing} or {@code refused}
   */
  public void jobStarted(TaskQueue queue, String type, String outcome) {
    count("postrider.job.starts", "Answered starts", tags(queue, type).and("outcome", outcome));
  }

  /** A task was leased: how long it had waited for that since it was due. */
  public void taskLeased(TaskQueue queue, String type, Duration scheduleToStart) {
    time(
        "postrider.job.schedule.to.start",
        "From the moment an attempt is due to its lease",
        tags(queue, type),
        scheduleToStart);
  }

  /**
   * The built-in worker made an attempt.
   *
   * @param outcome {@code completed}, or the type of the failure
   */
  public void deliveryAttempted(TaskQueue queue, String type, String outcome, Duration taken) {
    time(
        "postrider.delivery.attempt",
        "One attempt of the built-in worker",
        tags(queue, type).and("outcome", outcome),
        taken);
  }

  /** A run was closed by a call that this node answered. */
  public void jobClosed(JobStatus status) {
    count("postrider.jobs.closed", "Runs closed by a call", Tags.of("status", status.wire()));
  }

  /**
   * A call to the store was answered.
   *
   * @param verb the script, such as {@code task/lease}, or {@code read}
   */
  public void storeCalled(String verb, boolean succeeded, Duration taken) {
    time(
        "postrider.store.call",
        "One call to the store",
        Tags.of("verb", verb, "outcome", succeeded ? "answered" : "failed"),
        taken);
  }

  /** A pass of a duty of time moved runs. */
  public void dutyActed(String duty, int runs) {
    counter("postrider.duty.acted", "Runs moved by the duties of time", Tags.of("duty", duty))
        .increment(runs);
  }

  public void parkedPolls(Supplier<Number> number) {
    gauge("postrider.parked.polls", "Polls that wait for tasks on this node", number);
  }

  public void resultWaiters(Supplier<Number> number) {
    gauge("postrider.result.waiters", "Calls that wait for a job to close on this node", number);
  }

  public void openStreams(Supplier<Number> number) {
    gauge("postrider.open.streams", "Event streams open on this node", number);
  }

  public void deliveriesInFlight(Supplier<Number> number) {
    gauge("postrider.deliveries.in.flight", "Deliveries under way on this node", number);
  }

  /**
   * Everything, in the format that the scraper asks for.
   *
   * @param accept the value of its {@code Accept} header, or empty
   */
  public String scrape(String accept) {
    return registry.scrape(contentType(accept));
  }

  /** The content type of what {@link #scrape} answers. */
  public String contentType(String accept) {
    return accept.contains("application/openmetrics-text")
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";
  }

  private Tags tags(TaskQueue queue, String type) {
    Work work = new Work(queue.name(), type);
    Tags known = told.get(work);
    if (known != null) {
      return known;
    }
    if (told.size() >= MOST_SERIES) {
      return Tags.of("queue", OTHER, "type", OTHER);
    }
    return told.computeIfAbsent(work, w -> Tags.of("queue", w.queue, "type", w.type));
  }

  private void count(String name, String help, Tags tags) {
    counter(name, help, tags).increment();
  }

  private Counter counter(String name, String help, Tags tags) {
    Function<Series, Counter> register =
        s -> Counter.builder(name).description(help).tags(tags).register(registry);
    return counters.computeIfAbsent(new Series(name, tags), register);
  }

  private void time(String name, String help, Tags tags, Duration taken) {
    Function<Series, Timer> register =
        s ->
            Timer.builder(name)
                .description(help)
                .tags(tags)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    timers.computeIfAbsent(new Series(name, tags), register).record(taken);
  }

  private void gauge(String name, String help, Supplier<Number> number) {
    Gauge.builder(name, number).description(help).strongReference(true).register(registry);
  }

  private record Work(String queue, String type) {}

  private record Series(String name, Iterable<Tag> tags) {}
}
