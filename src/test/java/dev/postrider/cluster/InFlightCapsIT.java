package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bounds on what is in flight hold when a node dies, and all of its places come back. */
@Tag("process")
class InFlightCapsIT {

  private static final Duration LONG = Duration.ofMinutes(4);
  private static final int OF_QUEUE = 12;
  private static final int OF_KEY = 5;
  private static final int OF_DESTINATION = 4;
  private static final int KEYS = 4;
  private static final int DESTINATIONS = 4;

  @RegisterExtension final Site site = Site.ofTest();

  @Test
  void aKilledNodeLeavesNoPlaceTakenAndNoneGivenTwice() {
    run(400, 1);
  }

  @Test
  @Tag("drill")
  @Timeout(600)
  void nodesThatAreKilledAgainAndAgainLeaveNoPlaceTaken() {
    run(6_000, 8);
  }

  private void run(int jobs, int kills) {
    ServiceProcess first = site.service();
    ServiceProcess second = site.service("redis.url=" + first.redisUrl());
    ServiceProcess third = site.service("redis.url=" + first.redisUrl());
    Api api = third.api();
    Reply capped =
        api.patch(
            "/v1/task-queues/webhooks",
            "{'maxInFlight':%d,'maxInFlightPerFairnessKey':%d,'maxInFlightPerDestination':%d}"
                .formatted(OF_QUEUE, OF_KEY, OF_DESTINATION));
    assertThat(capped.status()).as("%s", capped).isEqualTo(200);
    List<Receiver> receivers =
        IntStream.range(0, DESTINATIONS).mapToObj(i -> site.receiver()).toList();
    receivers.forEach(receiver -> receiver.behave("{'delay':'60ms','times':1000000}"));
    Batches.start(
        api, jobs, i -> job("caps-" + i, i % KEYS, receivers.get(i / KEYS % DESTINATIONS), "15s"));

    for (int kill = 1; kill <= kills; kill++) {
      int enough = jobs * kill / (kills + 1);
      Await.until("some are processed", LONG, () -> processed(receivers) >= enough);
      ServiceProcess victim = kill % 2 == 1 ? first : second;
      victim.kill();
      if (kill < kills) {
        victim.startAgain().awaitReady();
      }
    }

    Await.until("all are processed", LONG, () -> processed(receivers) == jobs);
    Await.until("all are completed", LONG, () -> api.count("Completed"), n -> n == jobs);
    List<JsonNode> described =
        Batches.described(
            api, IntStream.range(0, jobs).mapToObj(i -> "deliver-caps-" + i).toList());
    int losses = described.stream().mapToInt(job -> job.at("/leaseLosses").asInt()).sum();
    Map<String, Integer> ofQueue = Overlaps.most(described, job -> "all");
    Map<String, Integer> ofKeys =
        Overlaps.most(described, job -> job.at("/priority/fairnessKey").asText());
    Map<String, Integer> ofDestinations =
        Overlaps.most(described, job -> job.at("/input/url").asText());
    System.out.printf(
        "%d jobs, %d nodes killed, %d leases lost; at most in flight: %s, by key %s, by destination"
            + " %s%n",
        jobs, kills, losses, ofQueue, ofKeys, ofDestinations);
    assertThat(losses).isPositive();
    assertThat(ofQueue.values()).allMatch(most -> most <= OF_QUEUE);
    assertThat(ofKeys.values()).allMatch(most -> most <= OF_KEY);
    assertThat(ofDestinations.values()).allMatch(most -> most <= OF_DESTINATION);
    placesAreThere(api, receivers);
  }

  /** Each cap can be filled again, by requests that are never answered. */
  private static void placesAreThere(Api api, List<Receiver> receivers) {
    receivers.forEach(
        receiver -> {
          receiver.reset();
          receiver.behave("{'hang':true,'times':1000000}");
        });
    Batches.start(api, 20, i -> job("key-" + i, 0, receivers.get(i % DESTINATIONS), "10m"));
    Await.until("the key is full", LONG, () -> received(receivers), n -> n == OF_KEY);
    Batches.start(api, 20, i -> job("host-" + i, 1 + i % 3, receivers.get(0), "10m"));
    Await.until(
        "the destination is full",
        LONG,
        () -> receivers.get(0).counts().received(),
        n -> n == OF_DESTINATION);
    Batches.start(api, 60, i -> job("queue-" + i, 1 + i % 3, receivers.get(1 + i / 3 % 3), "10m"));
    Await.until("the queue is full", LONG, () -> received(receivers), n -> n == OF_QUEUE);
    Reply queue = api.get("/v1/task-queues/webhooks");
    assertThat(queue.number("/inFlight")).as("%s", queue).isEqualTo(OF_QUEUE);
  }

  private static String job(String event, int key, Receiver receiver, String timeout) {
    return Batches.webhook(
        event,
        receiver,
        "'startToCloseTimeout':'%s','priority':{'fairnessKey':'k%d'}".formatted(timeout, key));
  }

  private static long processed(List<Receiver> receivers) {
    return receivers.stream().mapToLong(receiver -> receiver.counts().processed()).sum();
  }

  private static long received(List<Receiver> receivers) {
    return receivers.stream().mapToLong(receiver -> receiver.counts().received()).sum();
  }
}
