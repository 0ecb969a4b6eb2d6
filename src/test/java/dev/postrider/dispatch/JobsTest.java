package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobStatus;
import dev.postrider.job.Task;
import dev.postrider.store.Completion;
import dev.postrider.store.Control;
import dev.postrider.store.JobPage;
import dev.postrider.store.ReportResult;
import dev.postrider.store.StartResult;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith({VertxExtension.class, RedisExtension.class})
class JobsTest {
  private static final JobKey A = new JobKey("default", "a");

  private DispatchRig rig;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
  }

  @Test
  void result_ofARunThatCloses_answersThen() {
    rig.start("a");
    Future<Optional<Job>> result = rig.made(() -> rig.jobs.result(A, null, DispatchRig.LONG));
    rig.settle();
    assertThat(result.isComplete()).isFalse();
    complete(lease(), "7");

    Job closed = rig.store.await(() -> result).orElseThrow();
    assertThat(closed.state().status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(String.valueOf(closed.outcome().result())).isEqualTo("7");
    assertThat(rig.waiterPlaces.availablePermits()).isEqualTo(100);
  }

  @Test
  void result_whileItWaits_readsNothing() {
    rig.start("a");
    rig.made(() -> rig.jobs.result(A, null, DispatchRig.LONG));
    rig.settle();
    int before = rig.calls("job/describe") + rig.calls("command");
    rig.settle();

    assertThat(rig.calls("job/describe") + rig.calls("command") - before).isEqualTo(2);
  }

  @Test
  void result_whenTheWaitIsOver_isTheOpenRun() {
    rig.start("a");
    Job open = await(() -> rig.jobs.result(A, null, Duration.ofMillis(20))).orElseThrow();

    assertThat(open.state().status()).isEqualTo(JobStatus.RUNNING);
  }

  @Test
  void result_ofAClosedRun_answersAtOnce() {
    rig.start("a");
    complete(lease(), "1");

    assertThat(await(() -> rig.jobs.result(A, null, DispatchRig.LONG))).isPresent();
  }

  @Test
  void result_ofARunThatIsDeletedMeanwhile_isAbsent() {
    rig.start("a");
    Future<Optional<Job>> result = rig.made(() -> rig.jobs.result(A, null, DispatchRig.LONG));
    rig.settle();
    await(() -> rig.jobs.delete(A, null));

    assertThat(rig.store.await(() -> result)).isEmpty();
  }

  @Test
  void result_ofNothing_isAbsent() {
    assertThat(await(() -> rig.jobs.result(A, null, DispatchRig.LONG))).isEmpty();
  }

  @Test
  void result_followsTheRunItBeganWith() {
    rig.start("a");
    Future<Optional<Job>> result = rig.made(() -> rig.jobs.result(A, null, DispatchRig.LONG));
    rig.settle();
    await(() -> rig.jobs.terminate(new Control(A, null, "enough", null)));
    await(() -> rig.jobs.rerun(new Control(A, null, null, null)));

    assertThat(rig.store.await(() -> result).orElseThrow().state().status())
        .isEqualTo(JobStatus.TERMINATED);
  }

  @Test
  void result_oneWaiterMoreThanTheLimit_isRefusedAndStartsNothing(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 1, 100, 100);
    narrow.start("a");
    narrow.made(() -> narrow.jobs.result(A, null, DispatchRig.LONG));
    narrow.settle();

    assertThatThrownBy(
            () -> narrow.store.await(() -> narrow.jobs.result(A, null, DispatchRig.LONG)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.OVERLOADED));
    assertThatThrownBy(
            () ->
                narrow.store.await(
                    () -> narrow.jobs.start(Starts.job("b").build(), DispatchRig.LONG)))
        .isInstanceOf(RefusedException.class);
    assertThat(narrow.store.await(() -> narrow.jobs.describe(new JobKey("default", "b"), null)))
        .isEmpty();
  }

  @Test
  void start_withAWait_answersWithTheClosedRun() {
    Future<StartResult> started =
        rig.made(() -> rig.jobs.start(Starts.job("a").build(), DispatchRig.LONG));
    complete(lease(), "2");
    StartResult answer = rig.store.await(() -> started);

    assertThat(answer)
        .isInstanceOfSatisfying(
            StartResult.Started.class,
            it -> assertThat(it.job().state().status()).isEqualTo(JobStatus.COMPLETED));
  }

  @Test
  void close_answersThoseWhoWait() {
    rig.start("a");
    Future<Optional<Job>> result = rig.made(() -> rig.jobs.result(A, null, DispatchRig.LONG));
    rig.settle();
    rig.made(
        () -> {
          rig.jobs.close();
          return "closed";
        });

    assertThat(rig.store.await(() -> result)).isPresent();
  }

  @Test
  void complete_withAResultPastTheLimit_failsTheAttemptForGood(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 10, 4, 100);
    narrow.start("a");
    Task task = narrow.tasksOf(narrow.poll(1, DispatchRig.LONG)).get(0);
    Completion tooLong = new Completion(task.token(), Buffer.buffer("12345"), null);

    assertThatThrownBy(() -> narrow.store.await(() -> narrow.tasks.complete(tooLong)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.RESULT_TOO_LARGE));
    Job failed = narrow.store.await(() -> narrow.jobs.describe(A, null)).orElseThrow();
    assertThat(failed.state().status()).isEqualTo(JobStatus.FAILED);
    assertThat(String.valueOf(failed.outcome().failure())).contains("result_too_large");
  }

  @Test
  void completeById_withAResultPastTheLimit_countsTheRunThatItClosed(
      Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 10, 4, 100);
    narrow.start("a");
    narrow.tasksOf(narrow.poll(1, DispatchRig.LONG));

    assertThatThrownBy(
            () ->
                narrow.store.await(
                    () -> narrow.jobs.completeById(A, null, null, Buffer.buffer("12345"), null)))
        .isInstanceOf(RefusedException.class);
    assertThat(narrow.metrics.registry().scrape())
        .contains("postrider_jobs_closed_total{status=\"failed\"} 1.0");
  }

  @Test
  void complete_withAResultAtTheLimit_isTaken(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 10, 4, 100);
    narrow.start("a");
    Task task = narrow.tasksOf(narrow.poll(1, DispatchRig.LONG)).get(0);
    Completion fits = new Completion(task.token(), Buffer.buffer("1234"), null);

    assertThat(narrow.store.await(() -> narrow.tasks.complete(fits)))
        .isInstanceOf(ReportResult.Accepted.class);
  }

  @Test
  void completeById_withAResultPastTheLimit_failsOnlyAnAttemptThatRuns(
      Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 10, 4, 100);
    narrow.start("a");
    Supplier<Future<ReportResult>> complete =
        () -> narrow.jobs.completeById(A, null, null, Buffer.buffer("12345"), null);

    assertThatThrownBy(() -> narrow.store.await(complete)).isInstanceOf(RefusedException.class);
    assertThat(narrow.store.await(() -> narrow.jobs.describe(A, null)).orElseThrow().state())
        .satisfies(state -> assertThat(state.status()).isEqualTo(JobStatus.RUNNING));

    narrow.tasksOf(narrow.poll(1, DispatchRig.LONG));
    assertThatThrownBy(() -> narrow.store.await(complete)).isInstanceOf(RefusedException.class);
    assertThat(narrow.store.await(() -> narrow.jobs.describe(A, null)).orElseThrow().state())
        .satisfies(state -> assertThat(state.status()).isEqualTo(JobStatus.FAILED));
  }

  @Test
  void list_walksEveryPageOfWhatTheFilterTakes(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 10, 100, 60);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      boolean taken = i % 7 == 0;
      String queue = taken ? "wanted" : "other";
      String id = "job-" + i;
      narrow.store.await(() -> narrow.jobs.start(Starts.job(id).on(queue).build()));
      if (taken) {
        expected.add(0, id);
      }
    }
    for (int pageSize : new int[] {1, 5, 43, 1000}) {
      List<String> found = new ArrayList<>();
      String token = null;
      do {
        String from = token;
        JobPage page =
            narrow.store.await(
                () ->
                    narrow.jobs.list(
                        "default", job -> job.taskQueue().name().equals("wanted"), pageSize, from));
        assertThat(page.jobs()).hasSizeLessThanOrEqualTo(Math.min(pageSize, 60));
        page.jobs().forEach(job -> found.add(job.key().id()));
        token = page.nextCursor();
      } while (token != null);
      assertThat(found).as("page size " + pageSize).isEqualTo(expected);
    }
  }

  @Test
  void list_withATokenThatNoListGave_isRefused() {
    assertThatThrownBy(() -> await(() -> rig.jobs.list("default", job -> true, 10, "nonsense")))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> assertThat(refused.refusal()).isEqualTo(Refusal.INVALID_PAGE_TOKEN));
  }

  private Task lease() {
    return rig.tasksOf(rig.poll(1, DispatchRig.LONG)).get(0);
  }

  private void complete(Task task, String result) {
    Completion completion = new Completion(task.token(), Buffer.buffer(result), null);
    assertThat(await(() -> rig.tasks.complete(completion)))
        .isInstanceOf(ReportResult.Accepted.class);
  }

  private <T> T await(Supplier<Future<T>> call) {
    return rig.store.await(call);
  }
}
