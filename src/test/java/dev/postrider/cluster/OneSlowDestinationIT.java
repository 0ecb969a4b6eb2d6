package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

  /** How long something took, sorted, ms. */
  private record Latency(List<Long> millis) {

    static Latency of(List<JsonNode> jobs, String to) {
      return new Latency(
          jobs.stream().map(job -> at(job, to) - at(job, "/scheduledAt")).sorted().toList());
    }

    private static long at(JsonNode job, String field) {
      return Instant.parse(job.at("/attempts/0" + field).asText()).toEpochMilli();
    }

    long median() {
      return millis.get(millis.size() / 2);
    }

    long p99() {
      return millis.get(millis.size() * 99 / 100);
    }

    /** Within what a machine that does other things may add. */
    void assertUnchanged(Latency alone) {
      assertThat(median()).isLessThanOrEqualTo(3 * alone.median() + 20);
      assertThat(p99()).isLessThanOrEqualTo(3 * alone.p99() + 200);
    }

    @Override
    public String toString() {
      return "p50 %d ms, p99 %d ms, longest %d ms"
          .formatted(median(), p99(), millis.get(millis.size() - 1));
    }
  }

  /** From the moment a delivery is due to its start, and to its end. */
  private record Latencies(Latency started, Latency ended) {

    void assertUnchanged(Latencies alone) {
      started.assertUnchanged(alone.started);
      ended.assertUnchanged(alone.ended);
    }
  }

  private void run(int events, int slowOnes, Duration between) {
    Api api =
        site.service("delivery.maxInFlight=64", "delivery.maxInFlightPerDestination=" + SHARE)
            .api();
    List<Receiver> others = IntStream.range(0, OTHERS).mapToObj(i -> site.receiver()).toList();
    deliver(api, others, "warm-up", events, between);
    Latencies alone = deliver(api, others, "alone", events, between);

    Receiver slow = site.receiver();
    slow.behave("{'delay':'1s','times':1000000}");
    Batches.start(api, slowOnes, i -> Batches.webhook("slow-" + i, slow, ONE_TRY));
    Await.until("it has its share", LONG, () -> slow.counts().received() >= SHARE);
    Latencies beside = deliver(api, others, "beside-a-slow-one", events, between);

    Receiver limited = site.receiver();
    Reply set =
        api.patch(
            "/v1/task-queues/webhooks",
            "{'destinationRateLimits':{'%s':{'requestsPerSecond':2,'burst':1}}}"
                .formatted(limited.destination()));
    assertThat(set.status()).as("%s", set).isEqualTo(200);
    Batches.start(api, slowOnes, i -> Batches.webhook("limited-" + i, limited, ONE_TRY));
    Latencies besideLimited = deliver(api, others, "beside-a-limited-one", events, between);

    assertThat(slow.counts().processed()).as("it still has a backlog").isLessThan(slowOnes);
    assertThat(limited.counts().received()).isPositive().isLessThan(slowOnes);
    beside.assertUnchanged(alone);
    besideLimited.assertUnchanged(alone);
  }

  private static Latencies deliver(
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
    List<JsonNode> jobs = Batches.described(api, ids);
    Latencies latencies =
        new Latencies(Latency.of(jobs, "/startedAt"), Latency.of(jobs, "/endedAt"));
    System.out.printf(
        "%d events over %d destinations, one each %d ms, %s: due to started %s; due to ended %s%n",
        events, receivers.size(), between.toMillis(), name, latencies.started, latencies.ended);
    return latencies;
  }
}
