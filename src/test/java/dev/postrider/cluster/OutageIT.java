package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.redis.RedisProbe;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to Redis under load costs calls a moment, never a job. */
@Tag("process")
class OutageIT {

  private static final Duration LONG = Duration.ofSeconds(90);

  /** A command may wait five seconds and be sent again for two. */
  private static final Duration LONGEST_CALL = Duration.ofSeconds(10);

  private static final int CALLERS = 16;

  @RegisterExtension static final Site SITE = Site.ofClass();

  private static ServiceProcess service;

  @BeforeAll
  static void start() {
    service = SITE.service("delivery.maxInFlightPerDestination=128");
  }

  /** What happens to Redis. */
  enum Outage {
    SCRIPTS_FLUSHED,
    CONNECTIONS_CUT,
    STOPPED_FOR_THREE_SECONDS,
    KILLED;

    void strike(ServiceProcess service) throws IOException {
      switch (this) {
        case SCRIPTS_FLUSHED -> call(service, "SCRIPT", "FLUSH", "SYNC");
        case CONNECTIONS_CUT -> call(service, "CLIENT", "KILL", "TYPE", "normal");
        case STOPPED_FOR_THREE_SECONDS -> {
          long redis = service.redisPid();
          Signals.send("STOP", redis);
          try {
            // The outage itself takes this long; nothing is awaited.
            LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
          } finally {
            Signals.send("CONT", redis);
          }
        }
        case KILLED -> Signals.send("KILL", service.redisPid());
      }
    }

    private static void call(ServiceProcess service, String... command) throws IOException {
      try (RedisProbe redis = RedisProbe.connect(service.redisAddress(), LONGEST_CALL)) {
        redis.call(command);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOutageUnderLoadLosesNothing(Outage outage) throws Exception {
    strikeUnderLoad(outage, 1, 200);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("drill")
  @Timeout(600)
  void manyOutagesUnderLoadLoseNothing(Outage outage) throws Exception {
    strikeUnderLoad(outage, 10, 500);
  }

  private static void strikeUnderLoad(Outage outage, int times, int between) throws Exception {
    Receiver receiver = SITE.receiver();
    Api api = service.api();
    String prefix = outage.name() + times + "-";
    Load load =
        SITE.keep(Load.start(Integer.MAX_VALUE, CALLERS, i -> start(api, receiver, prefix + i)));
    for (int i = 0; i < times; i++) {
      awaitMore(load, between);
      outage.strike(service);
    }
    awaitMore(load, between);
    load.stop();
    service.awaitReady();

    System.out.printf(
        "%s %d times: %s, slowest call %s%n", outage, times, load.statuses(), load.slowest());
    assertThat(load.statuses().keySet()).isSubsetOf(201, 503);
    assertThat(load.outcomes())
        .allSatisfy(
            outcome ->
                outcome
                    .reply()
                    .filter(reply -> reply.status() == 503)
                    .ifPresent(reply -> assertThat(reply.retryAfter()).isNotNull()));
    assertThat(load.slowest()).isLessThan(LONGEST_CALL);
    Set<String> expected = new HashSet<>();
    load.acceptedNumbers().forEach(i -> expected.add("webhook:" + prefix + i));
    Await.until(
        "all that were accepted have arrived",
        LONG,
        () -> receiver.counts().processed() >= expected.size());
    Await.until("no job is open", LONG, () -> api.count("Running") == 0);
    assertThat(receiver.keys()).containsAll(expected);
    Batches.each(
        api,
        "Completed",
        job -> assertThat(job.at("/leaseLosses").asInt()).as("leases lost by %s", job).isZero());
  }

  private static void awaitMore(Load load, int more) {
    int before = load.accepted();
    Await.until("calls are accepted", LONG, () -> load.accepted() >= before + more);
  }

  private static Reply start(Api api, Receiver receiver, String event) {
    return HttpCalls.await(
        api.send(
            "/v1/webhooks",
            "{'eventId':'%s','url':'%s','payload':1}".formatted(event, receiver.url())),
        Duration.ofSeconds(60));
  }
}
