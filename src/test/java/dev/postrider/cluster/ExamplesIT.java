package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.cluster.Receiver.Counts;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The example workers behave as a worker should. */
@Tag("process")
class ExamplesIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final Duration HEARTBEAT = Duration.ofSeconds(30);

  @RegisterExtension static final Site SITE = Site.ofClass();

  private static ServiceProcess service = SITE.launch();

  private final String id = "batch-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    service.awaitReady();
  }

  @ParameterizedTest
  @EnumSource
  void aStoppedWorkerHandsItsBatchBackAtNoCost(ExampleWorker language) {
    Receiver receiver = SITE.receiver();
    ChildProcess leaving = language.start(SITE, service, id, INTERVAL);
    BatchRun batch = BatchRun.start(service.api(), receiver, id, HEARTBEAT);
    batch.awaitProgress(2);

    leaving.signal("TERM");

    assertThat(leaving.exitCode(SOON)).as(leaving.said()).isZero();
    Reply handedBack = batch.job();
    long delivered = handedBack.number("/heartbeatDetails");
    assertThat(leaving.out()).contains(id + ": handed back at index " + delivered);
    assertThat(handedBack.text("/waitingFor")).isEqualTo("turn");
    assertThat(handedBack.number("/attempt")).isEqualTo(1);
    language.start(SITE, service, id, INTERVAL);
    Reply job = batch.awaitStatus("completed");
    assertThat(job.number("/attempt")).isEqualTo(1);
    assertThat(job.number("/leaseLosses")).isZero();
    assertThat(receiver.counts()).isEqualTo(new Counts(10, 10, 0));
  }

  @ParameterizedTest
  @EnumSource
  void aStoppedWorkerThatOnlyWaitsLeavesAtOnce(ExampleWorker language) {
    ChildProcess worker = language.start(SITE, service, id, INTERVAL);

    worker.signal("TERM");

    assertThat(worker.exitCode(Duration.ofSeconds(10))).as(worker.said()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerOutlivesTheServiceWhileItWaitsAndWhileItWorks(ExampleWorker language) {
    ServiceProcess mortal = SITE.service();
    Receiver receiver = SITE.receiver();
    ChildProcess worker = language.start(SITE, mortal, id, INTERVAL);
    diesAndReturns(mortal);
    BatchRun batch = BatchRun.start(mortal.api(), receiver, id, HEARTBEAT);
    batch.awaitProgress(3);

    diesAndReturns(mortal);

    Reply job = batch.awaitStatus("completed");
    assertThat(job.number("/attempt")).isEqualTo(1);
    assertThat(receiver.counts()).isEqualTo(new Counts(10, 10, 0));
    assertThat(worker.isAlive()).isTrue();
  }

  private static void diesAndReturns(ServiceProcess service) {
    service.kill();
    service.startAgain().awaitReady();
  }

  @ParameterizedTest
  @EnumSource
  void aPausedBatchWaitsAndGoesOnWhereItStood(ExampleWorker language) {
    Receiver receiver = SITE.receiver();
    language.start(SITE, service, id, INTERVAL);
    BatchRun batch = BatchRun.start(service.api(), receiver, id, HEARTBEAT);
    batch.awaitProgress(2);
    service.api().post("/v1/jobs/" + id + "/pause", "{}");
    Reply paused = batch.awaitStatus("paused");
    assertThat(paused.number("/attempt")).isEqualTo(1);

    service.api().post("/v1/jobs/" + id + "/unpause", "{}");

    batch.awaitStatus("completed");
    assertThat(receiver.counts()).isEqualTo(new Counts(10, 10, 0));
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedItemFailsTheAttemptWhichIsTriedAgain(ExampleWorker language) {
    Receiver receiver = SITE.receiver();
    receiver.behave("{'status':200,'times':3,'when':'after'}");
    receiver.behave("{'status':503}");
    language.start(SITE, service, id, INTERVAL);
    BatchRun batch = BatchRun.start(service.api(), receiver, id, HEARTBEAT);

    Reply job = batch.awaitStatus("completed");

    assertThat(job.number("/attempt")).isEqualTo(2);
    assertThat(job.text("/attempts/0/outcome")).isEqualTo("failed");
    assertThat(job.text("/attempts/0/failure/message")).contains("503");
    assertThat(batch.processed()).isEqualTo(BatchRun.indexes(BatchRun.ITEMS));
    assertThat(receiver.counts()).isEqualTo(new Counts(11, 10, 0));
  }
}
