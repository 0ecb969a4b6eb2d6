package dev.postrider.simulation;

import static dev.postrider.simulation.StartBuilder.aJob;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.AttemptOutcome;
import dev.postrider.job.Failure;
import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.RetryState;
import dev.postrider.job.RunId;
import dev.postrider.job.RunState;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartTime;
import dev.postrider.job.Task;
import dev.postrider.job.WaitingFor;
import dev.postrider.simulation.IdPolicyTable.Latest;
import dev.postrider.simulation.IdPolicyTable.Row;
import dev.postrider.store.ControlResult;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RerunResult;
import dev.postrider.store.StartResult;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each verb of a store means, independent of how the store keeps what it keeps. */
abstract class JobStoreContract {
  private static final Failure BROKEN = new Failure("broken", "no luck", false, null, null, null);
  private StoreDriver store;

  /** A store, empty. */
  abstract Rig rig();

  @BeforeEach
  void open() {
    store = new StoreDriver(rig());
  }

  @AfterEach
  void close() {
    store.close();
  }

  static Stream<Row> idPolicyRows() {
    return IdPolicyTable.rows().stream();
  }

  @ParameterizedTest
  @MethodSource("idPolicyRows")
  void aStartIsAnsweredAsTheIdPolicyTableSays(Row row) {
    RunId before = bring("a", row.latest());

    StartResult result =
        store.start(
            aJob("a")
                .policies(row.policies())
                .requestId(row.sameRequestId() ? "first" : "second")
                .input(row.samePayload() ? "{}" : "{\"a\":1}"));

    switch (row.answer()) {
      case NEW_RUN, TERMINATE_THEN_NEW_RUN -> {
        assertThat(result).isInstanceOf(StartResult.Started.class);
        RunId made = ((StartResult.Started) result).job().runId();
        assertThat(made).isNotEqualTo(before);
        assertThat(store.job("a").runId()).isEqualTo(made);
        if (row.answer() == IdRules.Answer.TERMINATE_THEN_NEW_RUN) {
          assertThat(store.job("a", before).state().status()).isEqualTo(JobStatus.TERMINATED);
        }
      }
      case EXISTING -> {
        assertThat(result).isInstanceOf(StartResult.Existing.class);
        Job job = ((StartResult.Existing) result).job();
        assertThat(job.runId()).isEqualTo(before);
        assertThat(job.state()).isEqualTo(store.job("a").state());
      }
      case ALREADY_STARTED -> assertThat(result).isEqualTo(new StartResult.AlreadyStarted(before));
      case PAYLOAD_MISMATCH ->
          assertThat(result).isEqualTo(new StartResult.PayloadMismatch(before));
    }
  }

  /** Brings the latest run of an id into a state; its run id, or one that never was. */
  private RunId bring(String id, Latest latest) {
    if (latest == Latest.NONE) {
      return new RunId(0);
    }
    StartBuilder job = aJob(id).requestId("first");
    RunId runId =
        store.started(
            switch (latest) {
              case IN_START_DELAY -> job.delayed(ofSeconds(5));
              case PAUSED -> job.paused(true);
              case FAILED -> job.maximumAttempts(1);
              case TIMED_OUT -> job.scheduleToClose(ofSeconds(1));
              default -> job;
            });
    switch (latest) {
      case NONE, IN_START_DELAY, QUEUED, PAUSED -> {}
      case DELETED -> store.delete(id);
      case PAST_RETENTION -> {
        store.complete(store.leaseOne());
        store.pass(store.retention().plusMillis(1));
      }
      case STARTED -> store.leaseOne();
      case IN_BACKOFF, FAILED -> store.fail(store.leaseOne(), BROKEN);
      case CANCEL_REQUESTED -> {
        store.leaseOne();
        store.cancel(id);
      }
      case COMPLETED -> store.complete(store.leaseOne());
      case CANCELED -> store.cancel(id);
      case TERMINATED -> store.terminate(id);
      case TIMED_OUT -> store.pass(ofSeconds(1));
    }
    return runId;
  }

  @Test
  void anAbsentInputIsNotTheSameAsNullOrAnother() {
    store.start(aJob("a").input(null));
    store.start(aJob("b").input("null"));

    StartBuilder other = aJob("a").policies(rejecting());
    assertThat(store.start(other.input("null"))).isInstanceOf(StartResult.PayloadMismatch.class);
    assertThat(store.start(other.input(null))).isInstanceOf(StartResult.AlreadyStarted.class);
    assertThat(store.start(aJob("b").policies(rejecting()).input(null)))
        .isInstanceOf(StartResult.PayloadMismatch.class);
    assertThat(store.start(aJob("b").policies(rejecting()).input("null").type("other")))
        .isInstanceOf(StartResult.PayloadMismatch.class);
  }

  private static StartPolicies rejecting() {
    return new StartPolicies(IdConflictPolicy.FAIL, IdReusePolicy.ALLOW_DUPLICATE, true);
  }

  @Test
  void aDelayedJobWaitsForItsStartTimeAndIsLeasedThen() {
    store.start(aJob("a").delayed(ofSeconds(5)).scheduleToClose(ofMinutes(1)));
    Job job = store.job("a");
    assertThat(job.state().waitingFor()).isEqualTo(WaitingFor.START_TIME);
    assertThat(job.times().nextAttemptAt()).isEqualTo(store.at(ofSeconds(5)));
    assertThat(job.times().expiresAt()).isEqualTo(store.at(ofSeconds(65)));
    store.pass(ofMillis(4_999));
    assertThat(store.lease(1)).isEmpty();
    store.pass(ofMillis(1));
    assertThat(store.job("a").state().waitingFor()).isEqualTo(WaitingFor.TURN);
    assertThat(store.lease(1)).hasSize(1);
  }

  @Test
  void aStartTimeInThePastIsNow() {
    store.start(aJob("a").startTime(new StartTime.At(store.at(ofSeconds(-5)))));
    assertThat(store.job("a").times().firstDispatchAt()).isEqualTo(store.at(ofSeconds(0)));
    assertThat(store.lease(1)).hasSize(1);
  }

  @Test
  void aJobStartedPausedIsLeasedOnlyOnceUnpaused() {
    store.start(aJob("a").paused(true));
    assertThat(store.job("a").state().status()).isEqualTo(JobStatus.PAUSED);
    assertThat(store.lease(1)).isEmpty();
    assertThat(store.unpause("a")).isInstanceOf(ControlResult.Applied.class);
    assertThat(store.unpause("a")).isInstanceOf(ControlResult.Applied.class);
    assertThat(store.lease(1)).hasSize(1);
  }

  @Test
  void unpausingAJobInItsStartDelayKeepsTheDelay() {
    store.start(aJob("a").paused(true).delayed(ofSeconds(10)));
    store.pass(ofSeconds(4));
    store.unpause("a");
    assertThat(store.job("a").times().nextAttemptAt()).isEqualTo(store.at(ofSeconds(6)));
  }

  @Test
  void aPausedJobTimesOutAtItsScheduleToClose() {
    store.start(aJob("a").paused(true).scheduleToClose(ofSeconds(10)));
    store.pass(ofSeconds(10));
    Job job = store.job("a");
    assertThat(job.state().status()).isEqualTo(JobStatus.TIMED_OUT);
    assertThat(job.outcome().failure().type()).isEqualTo(Failure.SCHEDULE_TO_CLOSE);
    assertThat(job.outcome().retryState()).isEqualTo(RetryState.TIMEOUT);
  }

  @Test
  void theMoreUrgentComesFirstAndFirstComeWithinALane() {
    store.start(aJob("low").priority(5, "", 1));
    store.start(aJob("one").priority(3, "", 1));
    store.start(aJob("two").priority(3, "", 1));
    store.start(aJob("high").priority(1, "", 1));
    if (store.partitions() == 1) {
      assertThat(store.lease(3))
          .extracting(t -> t.token().key().id())
          .containsExactly("high", "one", "two");
    }
  }

  @Test
  void aFailedAttemptIsTriedAgainAfterTheInterval() {
    store.start(aJob("a"));
    store.fail(store.leaseOne(), BROKEN);
    Job job = store.job("a");
    assertThat(job.state().waitingFor()).isEqualTo(WaitingFor.BACKOFF);
    assertThat(job.state().attempt()).isEqualTo(2);
    assertThat(job.times().nextAttemptAt()).isEqualTo(store.at(ofSeconds(1)));
    assertThat(job.outcome().failure()).isEqualTo(BROKEN);
    store.pass(ofSeconds(1));
    store.fail(store.leaseOne(), BROKEN);
    assertThat(store.job("a").times().nextAttemptAt()).isEqualTo(store.at(ofSeconds(2)));
    assertThat(store.job("a").attempts())
        .extracting(a -> a.outcome())
        .containsExactly(AttemptOutcome.FAILED, AttemptOutcome.FAILED);
  }

  @Test
  void theDelayGivenWithAFailureReplacesTheInterval() {
    store.start(aJob("a").jitter(1));
    store.fail(store.leaseOne(), new Failure("busy", "", false, ofSeconds(500), null, null));
    assertThat(store.job("a").times().nextAttemptAt()).isEqualTo(store.at(ofSeconds(500)));
  }

  @Test
  void jitterSpreadsTheIntervalAroundThePolicys() {
    for (int i = 0; i < 50; i++) {
      store.start(aJob("j" + i).jitter(0.5));
    }
    for (Task task : store.lease(50)) {
      store.fail(task, BROKEN);
      assertThat(store.job(task.token().key().id()).times().nextAttemptAt())
          .isBetween(store.at(ofMillis(500)), store.at(ofMillis(1500)));
    }
  }

  /** One row of the retry decision: what ends a job, the first reason in their order. */
  record End(String name, StartBuilder job, boolean cancel, Failure failure, RetryState state) {}

  static Stream<End> ends() {
    Failure fatal = new Failure("fatal", "", true, null, null, null);
    return Stream.of(
        new End(
            "a requested cancel comes first",
            aJob("a").maximumAttempts(1).nonRetryable("fatal"),
            true,
            fatal,
            RetryState.CANCEL_REQUESTED),
        new End(
            "non-retryable wins over attempts",
            aJob("a").maximumAttempts(1),
            false,
            fatal,
            RetryState.NON_RETRYABLE_FAILURE),
        new End(
            "a type on the list is non-retryable",
            aJob("a").nonRetryable("broken"),
            false,
            BROKEN,
            RetryState.NON_RETRYABLE_FAILURE),
        new End(
            "attempts win over time",
            aJob("a").maximumAttempts(1).scheduleToClose(ofMillis(500)),
            false,
            BROKEN,
            RetryState.MAXIMUM_ATTEMPTS_REACHED),
        new End(
            "no time for the interval",
            aJob("a").scheduleToClose(ofMillis(1000)),
            false,
            BROKEN,
            RetryState.TIMEOUT));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void aFailedAttemptEndsTheJobByTheFirstReason(End end) {
    store.start(end.job());
    Task task = store.leaseOne();
    if (end.cancel()) {
      store.cancel("a");
    }
    store.fail(task, end.failure());
    Job job = store.job("a");
    assertThat(job.state().status()).isEqualTo(JobStatus.FAILED);
    assertThat(job.outcome().retryState()).isEqualTo(end.state());
    assertThat(job.outcome().failure().type()).isEqualTo(end.failure().type());
  }

  @Test
  void aRetryOneMillisecondBeforeTheDeadlineIsMade() {
    store.start(aJob("a").scheduleToClose(ofMillis(1001)));
    store.fail(store.leaseOne(), BROKEN);
    assertThat(store.job("a").state().status()).isEqualTo(JobStatus.RUNNING);
  }

  @Test
  void anAttemptPastItsStartToCloseIsLostAndTriedAgainAfterTheInterval() {
    store.start(aJob("a").startToClose(ofSeconds(15)));
    Task task = store.leaseOne();
    store.pass(ofSeconds(15));
    Job job = store.job("a");
    assertThat(job.state().leaseLosses()).isEqualTo(1);
    assertThat(job.state().attempt()).isEqualTo(2);
    assertThat(job.times().nextAttemptAt()).isEqualTo(store.at(ofSeconds(1)));
    assertThat(job.attempts().get(0).outcome()).isEqualTo(AttemptOutcome.START_TO_CLOSE_TIMEOUT);
    assertThat(store.complete(task)).isEqualTo(new ReportResult.LeaseLost());
  }

  @Test
  void aLostHeartbeatIsTriedAgainAtOnce() {
    store.start(aJob("a").heartbeat(ofSeconds(2)));
    store.leaseOne();
    store.pass(ofSeconds(2));
    assertThat(store.job("a").attempts().get(0).outcome())
        .isEqualTo(AttemptOutcome.HEARTBEAT_TIMEOUT);
    assertThat(store.leaseOne().token().attempt()).isEqualTo(2);
  }

  @Test
  void theLeasesOfANodeThatDiesAreDueAtOnce() {
    store.renewAll();
    store.start(aJob("a").heartbeat(ofSeconds(1)).startToClose(ofMinutes(10)));
    store.leaseBuiltIn(0);
    store.passOnly(ofSeconds(1));
    store.lapse();
    for (int second = 0; second < 7; second++) {
      assertThat(store.job("a").state().runState()).isEqualTo(RunState.STARTED);
      store.renew(1);
      store.passOnly(ofSeconds(1));
      store.lapse();
    }
    assertThat(store.job("a").attempts().get(0).outcome())
        .isEqualTo(AttemptOutcome.HEARTBEAT_TIMEOUT);
    assertThat(store.leaseBuiltIn(1).token().attempt()).isEqualTo(2);
  }

  @Test
  void aQueuedJobPastItsScheduleToStartIsNotHandedOut() {
    store.start(aJob("late").scheduleToStart(ofSeconds(1)));
    store.start(aJob("next"));
    store.passOnly(ofSeconds(1));
    assertThat(store.leaseOne().token().key().id()).isEqualTo("next");
    store.settle();
    Job job = store.job("late");
    assertThat(job.state().status()).isEqualTo(JobStatus.TIMED_OUT);
    assertThat(job.outcome().failure().type()).isEqualTo(Failure.SCHEDULE_TO_START);
  }

  @Test
  void aRequestedCancelTellsTheWorkerAndASecondOneIsRefused() {
    store.start(aJob("a"));
    Task task = store.leaseOne();
    assertThat(store.cancel("a", "one")).isInstanceOf(ControlResult.Applied.class);
    assertThat(store.job("a").state().runState()).isEqualTo(RunState.CANCEL_REQUESTED);
    assertThat(store.cancel("a", "two")).isEqualTo(new ControlResult.CancelAlreadyRequested());
    assertThat(store.cancel("a", "one")).isInstanceOf(ControlResult.Applied.class);
    assertThat(store.complete(task)).isInstanceOf(ReportResult.Accepted.class);
    assertThat(store.job("a").state().status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(store.cancel("a", "one")).isInstanceOf(ControlResult.Applied.class);
    assertThat(store.cancel("a", "two")).isEqualTo(new ControlResult.Closed(JobStatus.COMPLETED));
  }

  @Test
  void aRepeatedReportAnswersAsTheFirstUntilTheNextAttemptStarts() {
    store.start(aJob("a"));
    Task first = store.leaseOne();
    ReportResult once = store.fail(first, BROKEN);
    assertThat(store.fail(first, BROKEN)).isEqualTo(once);
    assertThat(store.complete(first)).isEqualTo(new ReportResult.LeaseLost());
    store.pass(ofSeconds(1));
    Task second = store.leaseOne();
    assertThat(store.fail(first, BROKEN)).isEqualTo(new ReportResult.LeaseLost());
    once = store.complete(second);
    assertThat(store.complete(second)).isEqualTo(once);
    assertThat(store.fail(second, BROKEN)).isEqualTo(new ReportResult.LeaseLost());
  }

  @Test
  void whatIsHandedBackIsNextAndCostsNoAttempt() {
    store.start(aJob("a"));
    store.start(aJob("b"));
    store.start(aJob("c"));
    List<Task> tasks = store.lease(3);
    store.passOnly(ofSeconds(1));
    store.handBack(tasks.subList(0, 2));
    List<Task> again = store.lease(3);
    assertThat(again).hasSize(2);
    assertThat(again).extracting(t -> t.token().attempt()).containsOnly(1);
    assertThat(again)
        .extracting(t -> t.scheduledAt())
        .containsExactlyElementsOf(tasks.subList(0, 2).stream().map(Task::scheduledAt).toList());
    assertThat(store.complete(tasks.get(0))).isEqualTo(new ReportResult.LeaseLost());
  }

  @Test
  void retryNowSkipsABackoffAndKeepsTheAttempt() {
    store.start(aJob("a"));
    assertThat(store.retryNow("a")).isInstanceOf(ControlResult.Applied.class);
    Task task = store.leaseOne();
    assertThat(store.retryNow("a"))
        .isEqualTo(new ControlResult.InvalidState(JobStatus.RUNNING, RunState.STARTED));
    store.fail(task, BROKEN);
    assertThat(store.retryNow("a")).isInstanceOf(ControlResult.Applied.class);
    assertThat(store.leaseOne().token().attempt()).isEqualTo(2);
    store.terminate("a");
    assertThat(store.retryNow("a")).isEqualTo(new ControlResult.Closed(JobStatus.TERMINATED));
  }

  @Test
  void aRerunRepeatsAClosedJobAndItsRequestIdOnlyOnce() {
    store.start(aJob("a").input("[1]"));
    assertThat(store.rerun("a", null)).isInstanceOf(RerunResult.InvalidState.class);
    RunId before = store.job("a").runId();
    store.complete(store.leaseOne());
    Job made = ((RerunResult.Started) store.rerun("a", "again")).job();
    assertThat(made.rerunOf()).isEqualTo(before);
    assertThat(made.content().input()).isEqualTo(Buffer.buffer("[1]"));
    Job repeated = ((RerunResult.Started) store.rerun("a", "again")).job();
    assertThat(repeated.runId()).isEqualTo(made.runId());
  }

  @Test
  void completingByIdNeedsNoAttemptButMindsTheFence() {
    store.start(aJob("a"));
    JobKey key = new JobKey("default", "a");
    assertThat(store.completeById(key, 2)).isEqualTo(new ReportResult.LeaseLost());
    assertThat(store.completeById(key, 1)).isInstanceOf(ReportResult.Accepted.class);
    assertThat(store.completeById(key, null))
        .isEqualTo(new ReportResult.Closed(JobStatus.COMPLETED));
    assertThat(store.completeById(new JobKey("default", "b"), null))
        .isEqualTo(new ReportResult.NotFound());
    assertThat(store.lease(1)).isEmpty();
  }

  @Test
  void aDeletedJobIsGoneAndItsIdFree() {
    store.start(aJob("a"));
    Task task = store.leaseOne();
    assertThat(store.delete("a")).isTrue();
    assertThat(store.delete("a")).isFalse();
    assertThat(store.complete(task)).isEqualTo(new ReportResult.LeaseLost());
    assertThat(store.start(aJob("a"))).isInstanceOf(StartResult.Started.class);
  }

  @Test
  void aClosedJobIsForgottenAfterItsRetention() {
    store.start(aJob("a"));
    store.complete(store.leaseOne());
    store.pass(store.retention().minusMillis(1));
    assertThat(store.find("a")).isPresent();
    store.pass(ofMillis(1));
    assertThat(store.find("a")).isEmpty();
  }
}
