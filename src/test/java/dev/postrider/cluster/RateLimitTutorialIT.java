package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postrider.testing.StartTimes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A receiver that allows so many requests a second, and a queue that keeps to it: what the
 * walkthrough shows of rate limits, against the real processes.
 */
@Tag("process")
class RateLimitTutorialIT {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int EVENTS = 60;

  /** What the receiver allows while nobody keeps to it. */
  private static final int RECEIVER_RATE = 2;

  @RegisterExtension final Site site = Site.ofTest();

  private final List<Api> nodes = new ArrayList<>();

  @Test
  void aCapKeepsAReceiverFromBeingAskedTooMuch() {
    nodes(1);
    Receiver receiver = site.receiver();
    uncapped(receiver);
    throttled(receiver);
    capped(receiver, 20);
  }

  @Test
  void theCapHoldsOverThreeNodes() {
    nodes(3);
    capped(site.receiver(), 20);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @Tag("drill")
  @Timeout(240)
  void atTwoASecondSixtyTakeHalfAMinute(int count) {
    nodes(count);
    Receiver receiver = site.receiver();
    uncapped(receiver);
    throttled(receiver);
    capped(receiver, RECEIVER_RATE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @Tag("drill")
  @Timeout(240)
  void withASecondsWorthAtOnceNoneIsThrottledAfterTheFirstMoments(int count) {
    nodes(count);
    Receiver receiver = site.receiver();
    receiver.limit(RECEIVER_RATE);
    cap("{'requestsPerSecond':" + RECEIVER_RATE + "}");
    List<JsonNode> jobs = deliver("default-burst", receiver);

    StartTimes starts = StartTimes.ofAttempts(jobs);
    List<Duration> refused =
        jobs.stream()
            .flatMap(job -> attempts(job).stream())
            .filter(attempt -> attempt.at("/failure/type").asText().equals("http.429"))
            .map(attempt -> Duration.between(starts.first(), startedAt(attempt)))
            .sorted()
            .toList();
    report("capped at 2/s with the default burst", starts, receiver);
    System.out.println("throttled at " + refused);
    assertThat(starts.excess(RECEIVER_RATE, RECEIVER_RATE)).isLessThan(1e-6);
    assertThat(refused).hasSizeLessThanOrEqualTo(5);
    assertThat(refused).allMatch(after -> after.toSeconds() < 8);
    assertThat(receiver.counts().processed()).isEqualTo(EVENTS);
  }

  private void uncapped(Receiver receiver) {
    List<JsonNode> jobs = deliver("bulk", receiver);

    report("uncapped", StartTimes.ofAttempts(jobs), receiver);
    assertThat(jobs).allSatisfy(job -> assertThat(attempts(job)).hasSize(1));
    Instant first = instants(jobs, job -> job.at("/createdAt")).get(0);
    Instant last = instants(jobs, job -> job.at("/closedAt")).get(EVENTS - 1);
    System.out.println("from the first start to the last end " + Duration.between(first, last));
    assertThat(Duration.between(first, last)).isLessThan(Duration.ofSeconds(10));
    assertThat(receiver.counts()).isEqualTo(new Receiver.Counts(EVENTS, EVENTS, 0));
  }

  private void throttled(Receiver receiver) {
    receiver.reset();
    receiver.limit(RECEIVER_RATE);
    send("demo", receiver);
    Await.until("it refuses again and again", LONG, () -> receiver.throttled() > EVENTS);
    Reply job =
        Await.until(
            "one is tried again",
            LONG,
            () -> nodes.get(0).job(id("demo", EVENTS - 1)),
            seen -> seen.number("/attempt") > 1 || seen.text("/status").equals("completed"));
    System.out.printf(
        "without a cap: %d throttled of %s%n", receiver.throttled(), receiver.counts());
    assertThat(job.text("/attempts/0/failure/type")).isIn("http.429", "");
    assertThat(receiver.counts().processed()).isLessThan(EVENTS);
    for (int i = 0; i < EVENTS; i++) {
      Reply ended = nodes.get(0).post("/v1/jobs/" + id("demo", i) + "/terminate", "{}");
      assertThat(ended.status()).as("%s", ended).isIn(200, 409);
    }
  }

  private void capped(Receiver receiver, int rate) {
    receiver.reset();
    receiver.limit(rate);
    cap("{'requestsPerSecond':%d,'burst':1}".formatted(rate));
    List<JsonNode> jobs = deliver("capped", receiver);

    StartTimes starts = StartTimes.ofAttempts(jobs);
    report("capped at " + rate + "/s", starts, receiver);
    Duration took = Duration.between(starts.first(), starts.last());
    assertThat(starts.count()).as("attempts").isEqualTo(EVENTS);
    assertThat(receiver.throttled()).isZero();
    assertThat(receiver.counts()).isEqualTo(new Receiver.Counts(EVENTS, EVENTS, 0));
    assertThat(starts.excess(1, rate)).as("too many").isLessThan(1e-6);
    assertThat(took).isLessThan(Duration.ofMillis(1_500L * EVENTS / rate + 2_000));
    assertThat(starts.longestGap()).isLessThan(Duration.ofMillis(1_000 / rate + 500));
  }

  private void report(String what, StartTimes starts, Receiver receiver) {
    System.out.printf(
        Locale.ROOT,
        "%d events on %d nodes, %s: %d attempts over %.2f s, longest gap %d ms; %d throttled, %s%n",
        EVENTS,
        nodes.size(),
        what,
        starts.count(),
        Duration.between(starts.first(), starts.last()).toMillis() / 1e3,
        starts.longestGap().toMillis(),
        receiver.throttled(),
        receiver.counts());
  }

  private void nodes(int count) {
    ServiceProcess first = site.service();
    List<ServiceProcess> others =
        IntStream.range(1, count)
            .mapToObj(i -> site.launch("redis.url=" + first.redisUrl()))
            .toList();
    nodes.add(first.api());
    others.forEach(node -> nodes.add(node.awaitReady().api()));
  }

  private void cap(String rateLimit) {
    Reply reply =
        nodes
            .get(nodes.size() - 1)
            .patch("/v1/task-queues/webhooks", "{'rateLimit':" + rateLimit + "}");
    assertThat(reply.status()).as("%s", reply).isEqualTo(200);
  }

  /** Sends events through all nodes and gives their jobs, in the end. */
  private List<JsonNode> deliver(String prefix, Receiver receiver) {
    send(prefix, receiver);
    Await.until("all arrived", LONG, () -> receiver.counts().processed() >= EVENTS);
    for (int i = 0; i < EVENTS; i++) {
      nodes.get(0).awaitStatus(id(prefix, i), "completed", LONG);
    }
    List<JsonNode> jobs =
        Batches.described(
            nodes.get(0), IntStream.range(0, EVENTS).mapToObj(i -> id(prefix, i)).toList());
    Map<String, Long> workers =
        jobs.stream()
            .flatMap(job -> attempts(job).stream())
            .collect(
                Collectors.groupingBy(
                    attempt -> attempt.at("/worker").asText(), Collectors.counting()));
    System.out.println("attempts by worker: " + workers);
    return jobs;
  }

  private void send(String prefix, Receiver receiver) {
    Load sent =
        Load.start(
                EVENTS,
                10,
                i ->
                    nodes
                        .get(i % nodes.size())
                        .post(
                            "/v1/webhooks",
                            "{'eventId':'%s-%d','url':'%s','payload':{'n':%d}}"
                                .formatted(prefix, i, receiver.url(), i)))
            .awaitEnd(LONG);
    assertThat(sent.statuses()).isEqualTo(Map.of(201, EVENTS));
  }

  private static String id(String prefix, int number) {
    return "deliver-" + prefix + "-" + number;
  }

  private static List<JsonNode> attempts(JsonNode job) {
    List<JsonNode> attempts = new ArrayList<>();
    job.at("/attempts").forEach(attempts::add);
    return attempts;
  }

  private static Instant startedAt(JsonNode attempt) {
    return Instant.parse(attempt.at("/startedAt").asText());
  }

  private static List<Instant> instants(List<JsonNode> jobs, Function<JsonNode, JsonNode> field) {
    return jobs.stream().map(job -> Instant.parse(field.apply(job).asText())).sorted().toList();
  }
}
