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

/** Two nodes share one Redis, and one of them dies. */
@Tag("process")
class TwoNodesIT {

  private static final Duration LONG = Duration.ofMinutes(4);
  private static final Duration LAPSE = Duration.ofSeconds(10);

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void whatADeadNodeHeldIsDeliveredByTheOther() {
    oneOfTwoDies(400);
  }

  @Test
  @Tag("drill")
  @Timeout(600)
  void ofTenThousandNoneIsLostAndNoneCompletesTwice() {
    oneOfTwoDies(10_000);
  }

  private void oneOfTwoDies(int jobs) {
    Receiver receiver = site.receiver();
    receiver.behave("{'delay':'200ms','times':1000000}");
    String together = "delivery.maxInFlightPerDestination=128";
    ServiceProcess dying = site.service(together, "delivery.maxInFlight=64");
    ServiceProcess other =
        site.service(together, "delivery.maxInFlight=64", "redis.url=" + dying.redisUrl());
    Batches.webhooks(dying.api(), receiver, "two-", jobs);
    Await.until("half is processed", LONG, () -> receiver.counts().processed() >= jobs / 2);

    dying.kill();
    Instant killed = Instant.now();

    Api api = other.api();
    Await.until("all are completed", LONG, () -> api.count("Completed"), n -> n == jobs);
    List<String> ids = IntStream.range(0, jobs).mapToObj(i -> "deliver-two-" + i).toList();
    Duration longest = Duration.ZERO;
    int repeated = 0;
    for (JsonNode job : Batches.described(api, ids)) {
      assertThat(completions(job)).as("completions of %s", job).isEqualTo(1);
      if (job.at("/leaseLosses").asInt() > 0) {
        repeated++;
        Instant lapsed = Instant.parse(job.at("/attempts/0/endedAt").asText());
        assertThat(job.at("/attempts/0/outcome").asText()).isEqualTo("heartbeat_timeout");
        Duration took = Duration.between(killed, lapsed);
        longest = took.compareTo(longest) > 0 ? took : longest;
      }
    }
    System.out.printf(
        "%d jobs, one of two nodes killed: %d leases lost, ended within %s; %s%n",
        jobs, repeated, longest, receiver.counts());
    assertThat(repeated).isPositive();
    assertThat(longest).isLessThan(LAPSE);
    assertThat(receiver.counts().processed()).isEqualTo(jobs);
  }

  private static long completions(JsonNode job) {
    return job.at("/attempts").findValuesAsText("outcome").stream()
        .filter("completed"::equals)
        .count();
  }
}
