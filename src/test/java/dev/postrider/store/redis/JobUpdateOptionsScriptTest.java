package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.JobOptions;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartTime;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import dev.postrider.testing.Starts;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code job/update_options.lua} and {@code lib/options.lua}. */
class JobUpdateOptionsScriptTest extends ScriptTest {
  private static final Timeouts TEN_SECONDS =
      new Timeouts(null, null, Duration.ofSeconds(10), null);

  /** What {@code Starts.job} starts. */
  private static final AdjustableOptions STARTED =
      options(TEN_SECONDS, RetryPolicy.DEFAULT, Priority.DEFAULT, "mail", 0);

  private static AdjustableOptions options(
      Timeouts timeouts, RetryPolicy policy, Priority priority, String queue, long delayMs) {
    return new AdjustableOptions(
        new JobOptions(timeouts, policy, priority),
        new TaskQueue("default", queue),
        Duration.ofMillis(delayMs));
  }

  private static AdjustableOptions timeouts(Timeouts timeouts) {
    return options(timeouts, RetryPolicy.DEFAULT, Priority.DEFAULT, "mail", 0);
  }

  private static AdjustableOptions policy(int seconds, double jitter) {
    RetryPolicy policy =
        new RetryPolicy(
            Duration.ofSeconds(seconds), 2, Duration.ofSeconds(1000), 0, List.of(), jitter);
    return options(TEN_SECONDS, policy, Priority.DEFAULT, "mail", 0);
  }

  private static AdjustableOptions queue(String queue) {
    return options(TEN_SECONDS, RetryPolicy.DEFAULT, Priority.DEFAULT, queue, 0);
  }

  private static AdjustableOptions priority(Priority priority) {
    return options(TEN_SECONDS, RetryPolicy.DEFAULT, priority, "mail", 0);
  }

  private static AdjustableOptions delay(long ms) {
    return options(TEN_SECONDS, RetryPolicy.DEFAULT, Priority.DEFAULT, "mail", ms);
  }

  private void update(AdjustableOptions from, AdjustableOptions to) {
    update("q1", from, to);
  }

  private void update(String requestId, AdjustableOptions from, AdjustableOptions to) {
    control(
        Scripts.UPDATE_OPTIONS,
        "a",
        requestId,
        "",
        PackedOptions.pack(from),
        PackedOptions.pack(to));
  }

  private void restore(String requestId) {
    control(Scripts.UPDATE_OPTIONS, "a", requestId, "", "original", "");
  }

  private AdjustableOptions now() {
    run(Scripts.UPDATE_OPTIONS, "a", "", "unseen", "", "", "");
    assertThat(reply()).startsWith("{stale, ");
    assertNothingChanged();
    List<?> reply = (List<?>) again();
    return PackedOptions.unpack("default", RawRedis.bytes(reply.get(1).toString()));
  }

  private void reset(String letters) {
    control(Scripts.RESET, "a", "q-reset", "", "", "0", letters);
  }

  @Test
  void options_areReadAndWrittenWhole() {
    AdjustableOptions all =
        options(
            new Timeouts(
                Duration.ofSeconds(100),
                Duration.ofSeconds(50),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5)),
            new RetryPolicy(
                Duration.ofSeconds(2), 1.5, Duration.ofSeconds(9), 7, List.of("x", "ü"), 0.25),
            new Priority(1, "kü", 2.5),
            "other ü",
            3000);
    start(Starts.job("a").paused().to("https://x:443"));
    assertThat(now()).isEqualTo(STARTED);
    update(STARTED, all);
    assertReply("{ok, P, a-------, +3000}");
    assertThat(now()).isEqualTo(all);
    JobRecord record = record("a");
    assertThat(record.options()).isEqualTo(all.options());
    assertThat(record.type).isEqualTo("send-email");
    assertThat(record.destination).isEqualTo("https://x:443");
    assertThat(record.content(null)).isEqualTo(Starts.job("a").build().content());
    restore("q2");
    assertThat(now()).isEqualTo(STARTED);
    assertThat(part("j:default/a", "expires")).isNull();
  }

  private JobRecord record(String id) {
    return new JobRecord(RawRedis.bytes(redis.text("GET", key("j:" + name(id)))));
  }

  @Test
  void aQueuedJob_keepsItsPlaceWhenItsLaneIsTheSame() {
    start(Starts.job("a"), Starts.job("b"));
    update(STARTED, timeouts(new Timeouts(Duration.ofSeconds(30), null, null, null)));
    assertReply("{ok, S, a-------, +0}");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+30000");
    assertThat(part("ev", "2")).isEqualTo("o[#1 S at +0 a------- default/a]");
    assertRepeatable();
    assertThat(ids(lease("call", 2))).containsExactly("a", "b");
  }

  @Test
  void aQueuedJob_movesToTheEndOfItsNewLane() {
    start(Starts.job("a"), Starts.job("b").on("other"));
    update(STARTED, queue("other"));
    assertReply("{ok, S, a-------, +0}");
    assertChanged(
        """
        + c:a-------: options=q1 original=%s
        ~ ev: 2=o[#1 S at +0 a------- default/a]
        ~ j:default/a: fence=a-------→r00003#1 flags=16 queue=mail→other
        - l:default/mail\\t3\\t
        ~ l:default/other\\t3\\t: 1=r00003#1 default/a
        ~ q:default/mail: ready=1→0
        ~ q:default/other: ready=1→2
        """
            .formatted(part("c:a-------", "original")));
    assertRepeatable();
    assertThat(ids(lease("one", 1))).isEmpty();
    assertThat(ids(lease("two", "default/other", 2))).containsExactly("b", "a");
  }

  @Test
  void aQueueThatWasUnknown_isMadeKnownAndWoken() {
    start(Starts.job("a"));
    update(STARTED, queue("new"));
    assertThat(part("queues", "default/new")).isEqualTo("in");
    assertThat(part("q:default/new", "known")).isEqualTo("1");
    assertThat(wakes()).containsExactly("> qdefault/new");
  }

  @Test
  void aPriority_isTheNewTurn() {
    start(Starts.job("b"), Starts.job("a"));
    update(STARTED, priority(new Priority(1, "", 1)));
    assertThat(ids(lease("call", 2))).containsExactly("a", "b");
  }

  @Test
  void aWeight_isThatOfTheKey() {
    start(Starts.job("a"));
    update(STARTED, priority(new Priority(3, "", 2.5)));
    assertThat(part("w:default/mail", "")).isEqualTo("2.5");
    assertThat(part("j:default/a", "fence")).isEqualTo("a-------");
  }

  @Test
  void anAttemptThatRuns_hasItsDeadlinesFromItsStart() {
    start(Starts.job("a"));
    at(1000);
    lease("call", 1);
    at(2000);
    update(STARTED, timeouts(new Timeouts(null, null, Duration.ofSeconds(30), null)));
    assertReply("{ok, R, a-------, +0}");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+31000");
    assertRepeatable();
    update(
        "q2",
        timeouts(new Timeouts(null, null, Duration.ofSeconds(30), null)),
        timeouts(new Timeouts(null, null, Duration.ofMillis(999), null)));
    reap();
    assertThat(state("a")).isEqualTo("W");
    assertThat(part("a:a-------", "0")).contains(" s worker 1");
  }

  @Test
  void aHeartbeatTimeout_holdsForTheAttemptThatRuns() {
    start(Starts.job("a"));
    lease("call", 1);
    update(
        STARTED, timeouts(new Timeouts(null, null, Duration.ofSeconds(10), Duration.ofSeconds(3))));
    assertThat(part("tm", "a------- default/a")).isEqualTo("+3000");
  }

  @Test
  void aDeadlineFurtherOff_leavesTheNearTimers() {
    start(Starts.job("a"));
    lease("call", 1);
    update(STARTED, timeouts(new Timeouts(null, null, Duration.ofHours(1), null)));
    assertThat(part("tm", "a------- default/a")).isNull();
    assertThat(part("far", "a------- default/a")).isEqualTo("+3600000");
  }

  @Test
  void aBuiltInDelivery_staysInItsNodesTimers() {
    start(Starts.job("a"));
    leaseBuiltIn("call", 1);
    update(STARTED, timeouts(new Timeouts(null, null, Duration.ofHours(1), null)));
    assertThat(part("tm:n1", "a------- default/a")).isEqualTo("+3600000");
  }

  @Test
  void scheduleToCloseInThePast_endsTheJobAtTheNextPass() {
    start(Starts.job("a"));
    lease("call", 1);
    at(5000);
    update(STARTED, timeouts(new Timeouts(Duration.ofSeconds(4), null, null, null)));
    assertReply("{ok, R, a-------, +0}");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+4000");
    reap();
    assertThat(state("a")).isEqualTo("O");
    assertThat(part("j:default/a", "outcome")).isEqualTo("'e'");
  }

  @Test
  void scheduleToClose_canBeExtendedWhilePaused() {
    AdjustableOptions four = timeouts(new Timeouts(Duration.ofSeconds(4), null, null, null));
    start(Starts.job("a").paused().timeouts(four.options().timeouts()));
    update(four, timeouts(new Timeouts(Duration.ofSeconds(9), null, null, null)));
    assertThat(part("tm", "a------- default/a")).isEqualTo("+9000");
    at(4000);
    reap();
    assertThat(state("a")).isEqualTo("P");
    at(9000);
    reap();
    assertThat(state("a")).isEqualTo("O");
  }

  @Test
  void aRunningJobsPlaceInFlight_movesWithIt() {
    limit("max", 1);
    start(Starts.job("a"), Starts.job("b"));
    lease("call", 1);
    update(STARTED, queue("other"));
    assertThat(part("q:default/mail", "in")).isEqualTo("0");
    assertThat(part("q:default/other", "in")).isEqualTo("1");
    assertThat(wakes()).containsExactly("> qdefault/mail");
    assertThat(ids(lease("two", 1))).containsExactly("b");
    complete("a", 1, "call", "=1");
    assertThat(part("q:default/other", "in")).isEqualTo("0");
    assertThat(part("q:default/mail", "in")).isEqualTo("1");
  }

  @Test
  void aFullFairnessKey_isFreedByTheJobThatLeavesIt() {
    limit("kmax", 1);
    start(Starts.job("a").fairness("k1", 1), Starts.job("b").fairness("k1", 1));
    lease("one", 2);
    assertThat(part("pk:default/mail", "kk1")).isEqualTo("inf");
    update(priority(new Priority(3, "k1", 1)), priority(new Priority(3, "k2", 1)));
    assertThat(part("n:default/mail", "kk2")).isEqualTo("1");
    assertThat(ids(lease("two", 2))).containsExactly("b");
  }

  @Test
  void aJobMovedIntoAFullQueue_isAboveItsCap() {
    start(Starts.job("a"), Starts.job("b").on("other"), Starts.job("c").on("other"));
    redis.call("HSET", key("q:default/other"), "max", 1);
    lease("one", 1);
    lease("two", "default/other", 1);
    update(STARTED, queue("other"));
    assertThat(part("q:default/other", "in")).isEqualTo("2");
    complete("b", 1, "two", "=1");
    assertThat(ids(lease("three", "default/other", 1))).isEmpty();
    complete("a", 1, "one", "=1");
    assertThat(wakes()).containsExactly("> qdefault/other");
    assertThat(ids(lease("four", "default/other", 1))).containsExactly("c");
  }

  @Test
  void aDestinationsCap_countsWhereTheJobIs() {
    limit("dmax", 1);
    start(Starts.job("a").to("https://x:443"), Starts.job("b").to("https://x:443"));
    lease("one", 2);
    update(STARTED, queue("other"));
    assertThat(part("n:default/other", "dhttps://x:443")).isEqualTo("1");
    assertThat(ids(lease("two", 2))).containsExactly("b");
  }

  @Test
  void aBackOff_endsByTheNewPolicy() {
    start(Starts.job("a"));
    lease("call", 1);
    at(100);
    fail("a", 1, "call");
    update(STARTED, policy(5, 0));
    assertReply("{ok, W, a-------, +5100}");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+5100");
    assertThat(part("ev", "3")).isEqualTo("o[#2 W at +5100 a------- default/a]");
    assertRepeatable();
    at(3000);
    update("q2", policy(5, 0), policy(2, 0));
    assertReply("{ok, S, a-------, +3000}");
    assertThat(ids(lease("two", 1))).containsExactly("a");
  }

  @Test
  void aPausedJobsBackOff_endsByTheNewPolicy() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call");
    control(Scripts.PAUSE, "a", "q1", "");
    update(STARTED, policy(5, 0));
    assertReply("{ok, P, a-------, +5000}");
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    assertReply("{ok, W, a-------, +5000}");
  }

  @Test
  void aDelayThatTheFailureGave_staysAsItIs() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call", "http.429", "d7000");
    update(STARTED, policy(5, 0));
    assertReply("{ok, W, a-------, +7000}");
  }

  @Test
  void aFailureOfTheNextAttempt_isOfThePolicyAgain() {
    start(Starts.job("a"));
    lease("one", 1);
    fail("a", 1, "one", "http.429", "d10");
    at(10);
    reap();
    lease("two", 1);
    fail("a", 2, "two");
    update(STARTED, policy(5, 0));
    assertReply("{ok, W, a-------, +10010}");
  }

  @Test
  void aBackOffUnderTheSamePolicy_staysAsItIs() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call");
    update(STARTED, timeouts(new Timeouts(null, null, Duration.ofSeconds(5), null)));
    assertReply("{ok, W, a-------, +1000}");
  }

  @Test
  void aStartDelay_isAnotherOneUntilItIsOver() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(5))));
    at(1000);
    update(delay(5000), delay(9000));
    assertReply("{ok, W, a-------, +9000}");
    assertThat(part("j:default/a", "first")).isEqualTo("+9000");
    assertThat(part("tm", "a------- default/a")).isEqualTo("+9000");
    update("q2", delay(9000), delay(500));
    assertReply("{ok, S, a-------, +1000}");
    update("q3", delay(500), delay(9000));
    assertReply("{invalid, S}");
    assertNothingChanged();
  }

  @Test
  void aStartDelayOfAPausedJob_isAnotherOneUntilItIsLeased() {
    start(Starts.job("a").paused());
    update(STARTED, delay(4000));
    assertReply("{ok, P, a-------, +4000}");
    control(Scripts.UNPAUSE, "a", "q1", "", "0");
    at(4000);
    reap();
    lease("call", 1);
    control(Scripts.PAUSE, "a", "q1", "");
    fail("a", 1, "call");
    update("q2", delay(4000), delay(9000));
    assertReply("{invalid, P}");
    assertNothingChanged();
  }

  @Test
  void optionsThatAreNotWhatWasRead_areTold() {
    start(Starts.job("a"));
    update(queue("elsewhere"), queue("other"));
    assertThat(reply()).startsWith("{stale, ");
    assertNothingChanged();
  }

  @Test
  void theSameOptions_changeNothing() {
    start(Starts.job("a"));
    update(STARTED, STARTED);
    assertReply("{ok, S, a-------, +0}");
    assertChanged(
        """
        + c:a-------: options=q1
        ~ j:default/a: flags=16
        """);
  }

  @Test
  void aRepeatedRequest_isOkAfterTheOptionsChangedAgain() {
    start(Starts.job("a"));
    update("q1", STARTED, queue("other"));
    restore("q2");
    update("q2", STARTED, queue("other"));
    assertReply("{ok, S, a-------, +0}");
    assertNothingChanged();
  }

  @Test
  void restoring_bringsBackWhatWasAtTheStart() {
    start(Starts.job("a"));
    update("q1", STARTED, queue("one"));
    update("q2", queue("one"), queue("two"));
    restore("q3");
    assertReply("{ok, S, a-------, +0}");
    assertThat(now()).isEqualTo(STARTED);
    assertThat(part("l:default/two\\t3\\t", "0")).isNull();
    restore("q4");
    assertChanged(
        """
        ~ c:a-------: options=q3→q4
        """);
  }

  @Test
  void restoringUnchangedOptions_changesNothing() {
    start(Starts.job("a"));
    restore("q1");
    assertReply("{ok, S, a-------, +0}");
    assertThat(part("ev", "1")).isNull();
  }

  @Test
  void restoring_bringsBackTheStartDelayOfAJobThatWasNeverLeased() {
    start(Starts.job("a").at(new StartTime.After(Duration.ofSeconds(5))));
    update("q1", delay(5000), delay(0));
    assertReply("{ok, S, a-------, +0}");
    restore("q2");
    assertReply("{ok, W, a-------, +5000}");
    update("q3", delay(5000), delay(0));
    lease("call", 1);
    restore("q4");
    assertReply("{ok, R, a-------, +0}");
    assertThat(part("j:default/a", "first")).isEqualTo("+0");
  }

  @Test
  void aReset_restoresTheOptionsAtOnceWhenNoAttemptRuns() {
    start(Starts.job("a"));
    update(STARTED, queue("other"));
    reset("o");
    assertReply("{ok, S, a-------, +0}");
    assertThat(now()).isEqualTo(STARTED);
    assertThat(ids(lease("call", 1))).containsExactly("a");
  }

  @Test
  void aReset_restoresTheOptionsWhenTheAttemptHasEnded() {
    start(Starts.job("a"));
    lease("call", 1);
    update(STARTED, queue("other"));
    reset("o");
    assertThat(part("j:default/a", "queue")).isEqualTo("other");
    fail("a", 1, "call");
    assertThat(part("j:default/a", "queue")).isEqualTo("mail");
    assertThat(part("q:default/other", "in")).isEqualTo("0");
    assertThat(wakes()).containsExactly("> qdefault/mail");
    assertThat(ids(lease("two", 1))).containsExactly("a");
  }

  @Test
  void aTaskHandedBackUnderAReset_goesToTheLaneOfItsStart() {
    start(Starts.job("a"));
    lease("call", 1);
    update(STARTED, queue("other"));
    reset("o");
    handBack("a", 1, "call");
    assertThat(ids(lease("two", 1))).containsExactly("a");
  }

  @Test
  void itsWorker_isAskedForMoreOfTheQueueThatItPolled() {
    start(Starts.job("a"));
    lease("call", 1);
    update(STARTED, queue("other"));
    Buffer token = token(1, "call").appendString("+");
    run(Scripts.COMPLETE, "a", "n1", "0", "", "1", token, "-", "", "0");
    assertReply("{completed, +0, {{ok, C, a-------, 0, default/mail, w1}}, {}}");
  }

  @Test
  void itsWorker_isAskedForMoreOfThatQueueByARepeatedReportToo() {
    start(Starts.job("a"));
    lease("call", 1);
    fail("a", 1, "call", "http.503", "");
    update(STARTED, queue("other"));
    Buffer token = token(1, "call").appendString("+");
    run(Scripts.FAIL, "a", "n1", "0", "", "1", token, "http.503", "", "<http.503>", "", "", "0");
    assertReply("{failed, +0, {{ok, W, a-------, +1000, default/mail, w1}}, {}}");
  }

  @Test
  void aRerun_hasTheOptionsOfTheRunThatItRepeats() {
    start(Starts.job("a"));
    update(STARTED, queue("other"));
    control(Scripts.TERMINATE, "a", "q1", "");
    run(Scripts.RERUN, "a", "", "q1", "", Buffer.buffer("a2------"));
    assertThat(part("j:default/a", "queue")).isEqualTo("other");
    assertThat(ids(lease("call", "default/other", 1))).containsExactly("a");
  }

  @Test
  void anUnknownJob_isNotFound() {
    update(STARTED, queue("other"));
    assertReply("{not_found}");
    assertNothingChanged();
  }
}
