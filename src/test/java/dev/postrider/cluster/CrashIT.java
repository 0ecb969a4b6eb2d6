package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.cluster.Receiver.Counts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SIGKILL loses nothing that was accepted. */
@Tag("process")
class CrashIT {

  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int IN_FLIGHT = 200;

  @RegisterExtension final Site site = Site.ofTest();

  /** Who is killed. */
  enum Victim {
    SERVICE,
    REDIS,
    BOTH;

    void dies(ServiceProcess service) {
      long redis = service.redisPid();
      if (this != REDIS) {
        service.process().signal("KILL");
      }
      if (this != SERVICE) {
        Signals.send("KILL", redis);
      }
      if (this != REDIS) {
        service.kill();
        service.startAgain();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Timeout(180)
  void whatIsInFlightArrivesAfterAKillAndRepetitionsCarryTheSameKey(Victim victim) {
    Receiver receiver = site.receiver();
    receiver.behave("{'delay':'2s','times':" + IN_FLIGHT + "}");
    ServiceProcess service = site.service("delivery.maxInFlightPerDestination=256");
    Batches.webhooks(service.api(), receiver, "crash-", IN_FLIGHT);
    Await.until("all are in flight", LONG, () -> receiver.counts().received() >= IN_FLIGHT);

    victim.dies(service);

    service.awaitReady();
    awaitCompleted(service, IN_FLIGHT);
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < IN_FLIGHT; i++) {
      expected.add("webhook:crash-" + i);
    }
    Counts counts = receiver.counts();
    System.out.printf("killed %s with %d in flight: %s%n", victim, IN_FLIGHT, counts);
    assertThat(receiver.keys()).isEqualTo(expected);
    assertThat(counts.processed()).isEqualTo(IN_FLIGHT);
    assertThat(counts.deduped()).isEqualTo(counts.received() - counts.processed());
    Batches.each(
        service.api(),
        "Completed",
        job -> assertThat(job.at("/leaseLosses").asInt()).as("%s", job).isLessThanOrEqualTo(1));
  }

  @ParameterizedTest
  @EnumSource
  void startsThatWereAcceptedAreThereAfterAKill(Victim victim) {
    startsSurvive(victim, 500);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("drill")
  @Timeout(600)
  void tenThousandStartsThatWereAcceptedAreThereAfterAKill(Victim victim) {
    startsSurvive(victim, 10_000);
  }

  private void startsSurvive(Victim victim, int starts) {
    ServiceProcess service = site.service();
    Api api = service.api();
    Load load = site.keep(Load.start(starts, 32, i -> start(api, i)));
    Await.until("half is accepted", LONG, () -> load.accepted() >= starts / 2);

    victim.dies(service);
    load.awaitEnd(Duration.ofMinutes(5));

    service.awaitReady();
    List<Integer> acceptedBefore = load.acceptedNumbers();
    System.out.printf("killed %s under %d starts: %s%n", victim, starts, load.statuses());
    assertThat(load.statuses().keySet()).isSubsetOf(0, 201, 503);
    Set<String> there = new HashSet<>(Batches.ids(api, "Running"));
    List<Integer> lost = new ArrayList<>(acceptedBefore);
    lost.removeIf(i -> there.contains("start-" + i));
    assertThat(lost).as("accepted and lost").isEmpty();

    Load repeated = Load.start(starts, 32, i -> start(api, i)).awaitEnd(Duration.ofMinutes(5));
    assertThat(repeated.statuses().keySet()).isSubsetOf(200, 201);
    assertThat(Batches.ids(api, "Running")).as("one run each").hasSize(starts);
  }

  private static Reply start(Api api, int i) {
    return HttpCalls.await(
        api.send(
            "/v1/jobs",
            ("{'id':'start-%d','type':'ship','taskQueue':'nobody','requestId':'r%d',"
                    + "'startToCloseTimeout':'1m'}")
                .formatted(i, i)),
        Duration.ofSeconds(60));
  }

  private static void awaitCompleted(ServiceProcess service, int count) {
    Await.until(
        "all are completed",
        LONG,
        () -> service.api().count("Completed"),
        completed -> completed == count);
  }
}
