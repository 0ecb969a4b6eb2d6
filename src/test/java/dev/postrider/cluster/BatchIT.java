package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.cluster.Receiver.Counts;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A batch of ten items, a heartbeat after each: whatever becomes of its worker, the next one goes
 * on where it stopped.
 */
@Tag("process")
class BatchIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Pace QUICK = new Pace(Duration.ofMillis(200), Duration.ofSeconds(1));
  private static final Pace AS_SHOWN = new Pace(Duration.ofSeconds(1), Duration.ofSeconds(5));

  /** From the end of an attempt to the start of the next. */
  private static final Duration TURNAROUND = Duration.ofMillis(500);

  @RegisterExtension static final Site SITE = Site.ofClass();

  private static ServiceProcess service = SITE.launch();

  private final String id = "batch-" + UUID.randomUUID();

  /** How fast the items follow, and how long a worker may say nothing. */
  private record Pace(Duration interval, Duration heartbeatTimeout) {}

  @BeforeAll
  static void start() {
    service.awaitReady();
  }

  @ParameterizedTest
  @EnumSource
  void aKilledWorkersBatchGoesOnAtTheNextItem(ExampleWorker language) {
    resumes(language, QUICK, "KILL");
  }

  @ParameterizedTest
  @EnumSource
  void aHangingWorkersBatchGoesOnAtTheNextItem(ExampleWorker language) {
    resumes(language, QUICK, "STOP");
  }

  @ParameterizedTest
  @EnumSource
  @Tag("drill")
  void aKilledWorkersBatchGoesOnAtThePaceShown(ExampleWorker language) {
    resumes(language, AS_SHOWN, "KILL");
  }

  @ParameterizedTest
  @EnumSource
  @Tag("drill")
  void aHangingWorkersBatchGoesOnAtThePaceShown(ExampleWorker language) {
    resumes(language, AS_SHOWN, "STOP");
  }

  private void resumes(ExampleWorker language, Pace pace, String signal) {
    Receiver receiver = SITE.receiver();
    ChildProcess one = language.start(SITE, service, id, pace.interval());
    ChildProcess other = language.start(SITE, service, id, pace.interval());
    BatchRun batch = BatchRun.start(service.api(), receiver, id, pace.heartbeatTimeout());
    boolean isOne = batch.awaitProgress(4).text("/worker").endsWith("/" + one.pid());
    ChildProcess lost = isOne ? one : other;
    ChildProcess next = isOne ? other : one;

    lost.signal(signal);

    Reply silent = batch.job();
    long reported = silent.number("/heartbeatDetails");
    assertThat(silent.number("/attempt")).isEqualTo(1);
    Reply job = batch.awaitStatus("completed");
    Duration silence = BatchRun.between(silent, "/lastHeartbeatAt", job, "/attempts/1/startedAt");
    Counts counts = receiver.counts();
    System.out.printf(
        Locale.ROOT,
        "%s, SIG%s after item %d: next attempt %d ms after the last heartbeat, %s%n",
        language,
        signal,
        reported,
        silence.toMillis(),
        counts);
    assertThat(job.number("/attempt")).isEqualTo(2);
    assertThat(job.text("/attempts/0/outcome")).isEqualTo("heartbeat_timeout");
    assertThat(job.number("/attempts/0/heartbeats")).isEqualTo(reported);
    assertThat(job.number("/leaseLosses")).isEqualTo(1);
    assertThat(silence)
        .isBetween(pace.heartbeatTimeout(), pace.heartbeatTimeout().plus(TURNAROUND));
    assertThat(job.number("/result/delivered")).isEqualTo(BatchRun.ITEMS);
    assertThat(next.out())
        .contains(id + ": resuming at index " + reported + " (attempt 2)", id + ": completed");
    assertThat(batch.processed()).isEqualTo(BatchRun.indexes(BatchRun.ITEMS));
    // Eleven where the signal fell between an item and its heartbeat; the key tells the two.
    assertThat(counts.deduped()).isLessThanOrEqualTo(1);
    if (signal.equals("STOP")) {
      awakens(lost);
    }
  }

  /** What it still reports is refused, and it takes no harm from that. */
  private void awakens(ChildProcess lost) {
    lost.signal("CONT");
    Await.until("its report is refused", SOON, () -> lost.out().contains(id + ": lease_lost"));
    assertThat(lost.isAlive()).isTrue();
    assertThat(service.api().job(id).number("/attempt")).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void anItemWhoseHeartbeatWasCutOffComesTwiceUnderOneKey(ExampleWorker language) {
    Receiver receiver = SITE.receiver();
    BatchRun batch = BatchRun.start(service.api(), receiver, id, QUICK.heartbeatTimeout());
    receiver.behave("{'status':200,'times':4,'when':'after'}");
    receiver.behave("{'hang':true,'when':'after'}");
    ChildProcess lost = language.start(SITE, service, id, QUICK.interval());
    Await.until("the fifth item is delivered", SOON, () -> receiver.counts().received() == 5);

    lost.kill();

    assertThat(batch.job().number("/heartbeatDetails")).isEqualTo(4);
    ChildProcess next = language.start(SITE, service, id, QUICK.interval());
    batch.awaitStatus("completed");
    assertThat(next.out()).contains(id + ": resuming at index 4 (attempt 2)");
    assertThat(receiver.counts()).isEqualTo(new Counts(11, 10, 1));
    assertThat(batch.processed()).isEqualTo(BatchRun.indexes(BatchRun.ITEMS));
  }

  @ParameterizedTest
  @EnumSource
  void aCancelReachesTheWorkerOnItsNextHeartbeat(ExampleWorker language) {
    Receiver receiver = SITE.receiver();
    ChildProcess worker = language.start(SITE, service, id, QUICK.interval());
    BatchRun batch = BatchRun.start(service.api(), receiver, id, QUICK.heartbeatTimeout());
    batch.awaitProgress(2);

    Reply asked = service.api().post("/v1/jobs/" + id + "/cancel", "{'reason':'sold out'}");

    assertThat(asked.status()).isEqualTo(200);
    assertThat(asked.text("/runState")).isEqualTo("cancel_requested");
    Reply job = batch.awaitStatus("canceled");
    long delivered = job.number("/heartbeatDetails");
    assertThat(job.number("/attempt")).isEqualTo(1);
    assertThat(job.text("/attempts/0/outcome")).isEqualTo("canceled");
    assertThat(job.text("/reason")).isEqualTo("sold out");
    assertThat(receiver.counts()).isEqualTo(new Counts(delivered, delivered, 0));
    assertThat(delivered).isLessThan(BatchRun.ITEMS);
    Await.until(
        "the worker says so",
        SOON,
        () -> worker.out().contains(id + ": canceled at index " + delivered));
    assertThat(worker.isAlive()).isTrue();
  }
}
