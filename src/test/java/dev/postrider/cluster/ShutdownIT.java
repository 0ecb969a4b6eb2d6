package dev.postrider.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postrider.cluster.Receiver.Counts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A signal stops the service in order. */
@Tag("process")
class ShutdownIT {

  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension final Site site = Site.ofTest();

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void deliveriesInFlightMayEndAndRedisIsClosedLast(String signal, int exitCode)
      throws IOException {
    assumeTrue(signal.equals("TERM") || !interruptsAreIgnored(), "Ctrl-C is ignored here");
    Receiver receiver = site.receiver();
    receiver.behave("{'delay':'1s'}");
    ServiceProcess service = site.service();
    Batches.webhooks(service.api(), receiver, "last-", 1);
    Await.until("it is in flight", SOON, () -> receiver.counts().received() == 1);

    long redis = service.redisPid();
    assertThat(isAlive(redis)).isTrue();

    service.process().signal(signal);

    assertThat(service.process().exitCode(SOON)).isEqualTo(exitCode);
    assertThat(isAlive(redis)).isFalse();
    assertThat(receiver.counts()).isEqualTo(new Counts(1, 1, 0));
    service.startAgain().awaitReady();
    Reply job = service.api().job("deliver-last-0");
    assertThat(job.text("/status")).isEqualTo("completed");
    assertThat(job.number("/attempt")).isEqualTo(1);
    assertThat(receiver.counts()).isEqualTo(new Counts(1, 1, 0));
  }

  @Test
  void whatOutlivesTheGraceIsHandedBackAtNoCost() {
    Receiver receiver = site.receiver();
    receiver.behave("{'hang':true}");
    ServiceProcess service = site.service("delivery.shutdownGrace=200ms");
    Batches.webhooks(service.api(), receiver, "hung-", 1, "10m");
    Await.until("it is in flight", SOON, () -> receiver.counts().received() == 1);

    service.process().signal("TERM");

    assertThat(service.process().exitCode(SOON)).isEqualTo(143);
    service.startAgain().awaitReady();
    Reply job = service.api().awaitStatus("deliver-hung-0", "completed", SOON);
    assertThat(job.number("/attempt")).isEqualTo(1);
    assertThat(job.number("/leaseLosses")).isZero();
    assertThat(receiver.counts()).isEqualTo(new Counts(2, 1, 0));
  }

  @Test
  void anIdleServiceStopsQuickly() {
    ServiceProcess service = site.service();

    service.process().signal("TERM");

    assertThat(service.process().exitCode(Duration.ofSeconds(10))).isEqualTo(143);
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** A process started in the background without job control ignores SIGINT, and so do its own. */
  private static boolean interruptsAreIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }
}
