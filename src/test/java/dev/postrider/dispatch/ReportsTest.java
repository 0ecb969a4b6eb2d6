package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.Requested;
import dev.postrider.job.Task;
import dev.postrider.job.TaskToken;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.HeartbeatResult;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.Leaseholder;
import dev.postrider.store.ReportResult;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What workers report of a task beside its result; four bytes of details are the most. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class ReportsTest {
  private static final JobKey A = new JobKey("default", "a");
  private static final Buffer FITS = Buffer.buffer("1234");
  private static final Buffer TOO_LONG = Buffer.buffer("12345");
  private static final Failure BUSY = new Failure("busy", "", false, null, null, null);

  private DispatchRig rig;
  private TaskToken token;

  @BeforeEach
  void lease(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis, 10, 4, 100);
    rig.start("a");
    token = rig.answerOf(rig.poll("w1", DispatchRig.LONG)).tasks().get(0).token();
  }

  private Job job() {
    return rig.store.await(() -> rig.jobs.describe(A, null)).orElseThrow();
  }

  private void assertTooLarge(Supplier<Future<?>> report) {
    assertThatThrownBy(() -> rig.store.await(() -> report.get().map(any -> "taken")))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.RESULT_TOO_LARGE));
    assertThat(job().state().status()).isEqualTo(JobStatus.FAILED);
    assertThat(Objects.requireNonNull(job().outcome().failure()).type())
        .isEqualTo("result_too_large");
  }

  @Test
  void aHeartbeat_isSeenAtOnceAndByTheNextAttempt() {
    assertThat(rig.store.await(() -> rig.tasks.heartbeat(new HeartbeatReport(token, FITS))))
        .isEqualTo(new HeartbeatResult.Recorded(Requested.NOTHING));
    assertThat(job().heartbeatDetails()).isEqualTo(FITS);
    assertThat(job().times().lastHeartbeatAt()).isEqualTo(job().times().createdAt());
    assertThat(job().attempts().get(0).heartbeats()).isEqualTo(1);
    rig.store.await(() -> rig.tasks.handBack(List.of(token)));
    Task again = rig.answerOf(rig.poll("w1", DispatchRig.LONG)).tasks().get(0);

    assertThat(again.heartbeatDetails()).isEqualTo(FITS);
    assertThat(rig.store.await(() -> rig.tasks.heartbeat(new HeartbeatReport(token, FITS))))
        .isEqualTo(new HeartbeatResult.LeaseLost());
  }

  @Test
  void aHeartbeatById_isTheSame() {
    assertThat(rig.store.await(() -> rig.jobs.heartbeatById(A, null, 1, FITS)))
        .isEqualTo(new HeartbeatResult.Recorded(Requested.NOTHING));
    assertThat(job().heartbeatDetails()).isEqualTo(FITS);
    assertThat(rig.store.await(() -> rig.jobs.heartbeatById(A, null, 2, FITS)))
        .isEqualTo(new HeartbeatResult.LeaseLost());
  }

  @Test
  void detailsPastTheLimit_failTheAttemptForGood() {
    assertTooLarge(() -> rig.tasks.heartbeat(new HeartbeatReport(token, TOO_LONG)));
  }

  @Test
  void detailsPastTheLimitById_failTheAttemptForGood() {
    assertTooLarge(() -> rig.jobs.heartbeatById(A, null, null, TOO_LONG));
  }

  @Test
  void detailsPastTheLimitWithAFailure_takeItsPlace() {
    assertTooLarge(() -> rig.tasks.fail(new FailureReport(token, BUSY, TOO_LONG, null, false)));
  }

  @Test
  void detailsPastTheLimitOfACanceledAttempt_failIt() {
    rig.cancel("a");
    assertTooLarge(() -> rig.tasks.canceled(new Cancellation(token, TOO_LONG, false)));
  }

  @Test
  void detailsPastTheLimitOfALostLease_changeNothing() {
    rig.store.await(() -> rig.tasks.complete(new Completion(token, null, null)));

    assertThat(rig.store.await(() -> rig.tasks.heartbeat(new HeartbeatReport(token, TOO_LONG))))
        .isEqualTo(new HeartbeatResult.LeaseLost());
    assertThat(rig.store.await(() -> rig.jobs.heartbeatById(A, null, null, TOO_LONG)))
        .isEqualTo(new HeartbeatResult.Closed(JobStatus.COMPLETED));
    assertThat(job().state().status()).isEqualTo(JobStatus.COMPLETED);
  }

  @Test
  void aCanceledAttempt_closesItsJobWithWhatItsWorkerSaid() {
    rig.cancel("a");
    rig.store.await(() -> rig.tasks.canceled(new Cancellation(token, FITS, false)));

    assertThat(job().state().status()).isEqualTo(JobStatus.CANCELED);
    assertThat(Objects.requireNonNull(job().outcome().failure()).details()).isEqualTo(FITS);
  }

  @Test
  void theEndAsCanceledThatNobodyAsked_isRefused() {
    assertThat(rig.store.await(() -> rig.tasks.canceled(new Cancellation(token, null, false))))
        .isInstanceOf(ReportResult.CancelNotRequested.class);
  }

  @Test
  void aReportThatAsksForMore_isAnsweredWithWhoAsks() {
    rig.start("b");
    ReportResult.Accepted accepted =
        (ReportResult.Accepted)
            rig.store.await(() -> rig.tasks.complete(new Completion(token, null, null, true)));
    Leaseholder holder = Objects.requireNonNull(accepted.holder());
    LeaseResult next =
        rig.answerOf(rig.made(() -> rig.tasks.next(holder, 1, DispatchRig.LONG, null)));

    assertThat(holder).isEqualTo(new Leaseholder(DispatchRig.MAIL, "w1"));
    assertThat(next.tasks()).extracting(task -> task.token().key().id()).containsExactly("b");
  }
}
