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

/** A receiver that never answers holds its share of what is in flight, and delays nobody else. */
@Tag("process")
class HangingReceiverIT {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int SHARE = 4;

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void theDeliveriesOfOthersCompleteBesideIt() {
    ServiceProcess service = service();
    Receiver hanging = hanging(service.api(), 100);
    Receiver other = site.receiver();

    Batches.webhooks(service.api(), other, "other-", 100);

    Await.until("all others arrived", LONG, () -> other.counts().processed() == 100);
    Await.until("others are closed", LONG, () -> service.api().count("Completed") == 100);
    assertThat(hanging.counts().received()).isEqualTo(SHARE);
  }

  @Test
  @Tag("drill")
  @Timeout(300)
  void theDeliveriesOfOthersKeepTheirLatencyBesideAThousandThatHang() {
    ServiceProcess service = service();
    Receiver other = site.receiver();
    oneByOne(service.api(), other, "warm-", 300);
    Duration alone = medianDelay(oneByOne(service.api(), other, "alone-", 300));
    Receiver hanging = hanging(service.api(), 1_000);

    Duration beside = medianDelay(oneByOne(service.api(), other, "beside-", 300));

    System.out.printf("start to end, median: %s alone, %s beside%n", alone, beside);
    assertThat(hanging.counts().received()).isEqualTo(SHARE);
    assertThat(beside).isLessThan(alone.multipliedBy(3).plusMillis(20));
  }

  private ServiceProcess service() {
    return site.service("delivery.maxInFlight=32", "delivery.maxInFlightPerDestination=" + SHARE);
  }

  private Receiver hanging(Api api, int jobs) {
    Receiver hanging = site.receiver();
    hanging.behave("{'hang':true,'times':1000000}");
    Batches.webhooks(api, hanging, "hanging-", jobs, "10m");
    Await.until("it holds its share", LONG, () -> hanging.counts().received() == SHARE);
    return hanging;
  }

  /** Delivers events one after the other and gives the jobs as they ended. */
  private static List<JsonNode> oneByOne(Api api, Receiver receiver, String prefix, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                api.post(
                        "/v1/webhooks?wait=30s",
                        "{'eventId':'%s%d','url':'%s','payload':1}"
                            .formatted(prefix, i, receiver.url()))
                    .json())
        .toList();
  }

  private static Duration medianDelay(List<JsonNode> jobs) {
    List<Duration> delays =
        jobs.stream()
            .map(
                job ->
                    Duration.between(
                        Instant.parse(job.at("/createdAt").asText()),
                        Instant.parse(job.at("/closedAt").asText())))
            .sorted()
            .toList();
    return delays.get(delays.size() / 2);
  }
}
