package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One destination that is slow, or kept slow by a limit, delays none of ninety-nine others. */
@Tag("process")
class OneSlowDestinationIT {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int OTHERS = 99;
  private static final int SHARE = 8;
  private static final String ONE_TRY = "'startToCloseTimeout':'30s'";

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void othersKeepTheirLatency() {
    run(300, 200, Duration.ofMillis(10));
  }

  @Test
  @Tag("drill")
  @Timeout(300)
  void othersKeepTheirLatencyForLonger() {
    run(3_000, 5_000, Duration.ofMillis(10));
  }

  /** How long tasks were due before they were started, sorted, ms. */
  private record Latency(List<Long> millis) {

    long median() {
      return millis.get(millis.size() / 2);
    }

    long p99() {
      return millis.get(millis.size() * 99 / 100);
    }
  }

  private void run(int events, int slowOnes, Duration between) {
    Api api =
        site.service("delivery.maxInFlight=64", "delivery.maxInFlightPerDestination=" + SHARE)
            .api();
    List<Receiver> others = IntStream.range(0, OTHERS).mapToObj(i -> site.receiver()).toList();
    deliver(api, others, "warm-up", events, between);
    Latency alone = deliver(api, others, "alone", events, between);

    Receiver slow = site.receiver();
    slow.behave("{'delay':'1s','times':1000000}");
    Batches.start(api, slowOnes, i -> Batches.webhook("slow-" + i, slow, ONE_TRY));
    Await.until("it has its share", LONG, () -> slow.counts().received() >= SHARE);
    Latency beside = deliver(api, others, "beside-a-slow-one", events, between);

    Receiver limited = site.receiver();
    Reply set =
        api.patch(
            "/v1/task-queues/webhooks",
            "{'destinationRateLimits':{'%s':{'requestsPerSecond':2,'burst':1}}}"
                .formatted(limited.destination()));
    assertThat(set.status()).as("%s", set).isEqualTo(200);
    Batches.start(api, slowOnes, i -> Batches.webhook("limited-" + i, limited, ONE_TRY));
    Latency besideLimited = deliver(api, others, "beside-a-limited-one", events, between);

    assertThat(slow.counts().processed()).as("it still has a backlog").isLessThan(slowOnes);
    assertThat(limited.counts().received()).isPositive().isLessThan(slowOnes);
    assertUnchanged(alone, beside);
    assertUnchanged(alone, besideLimited);
  }

  /** Within what a machine that does other things may add. */
  private static void assertUnchanged(Latency alone, Latency beside) {
    assertThat(beside.median()).isLessThanOrEqualTo(3 * alone.median() + 20);
    assertThat(beside.p99()).isLessThanOrEqualTo(3 * alone.p99() + 200);
  }

  private static Latency deliver(
      Api api, List<Receiver> receivers, String name, int events, Duration between) {
    Pace.each(
        events,
        between,
        i ->
            api.send(
                "/v1/webhooks",
                "{'eventId':'%s-%d','url':'%s','payload':1}"
                    .formatted(name, i, receivers.get(i % receivers.size()).url())));
    List<String> ids =
        IntStream.range(0, events).mapToObj(i -> "deliver-" + name + "-" + i).toList();
    for (String id : ids) {
      api.awaitStatus(id, "completed", LONG);
    }
    List<Long> millis =
        Batches.described(api, ids).stream()
            .map(OneSlowDestinationIT::untilStarted)
            .sorted()
            .toList();
    Latency latency = new Latency(millis);
    System.out.printf(
        Locale.ROOT,
        "%d events over %d destinations, one each %d ms, %s: due to started p50 %d ms, p99 %d ms,"
            + " longest %d ms%n",
        events,
        receivers.size(),
        between.toMillis(),
        name,
        latency.median(),
        latency.p99(),
        millis.get(millis.size() - 1));
    return latency;
  }

  private static long untilStarted(JsonNode job) {
    return Duration.between(
            Instant.parse(job.at("/attempts/0/scheduledAt").asText()),
            Instant.parse(job.at("/attempts/0/startedAt").asText()))
        .toMillis();
  }
}
