package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.JobStatus;
import dev.postrider.job.Priority;
import dev.postrider.job.RunState;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.Control;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.ResetOptions;
import dev.postrider.store.UpdateOptionsResult;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Options are compared and set. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class OptionsUpdateTest {
  private static final JobKey KEY = new JobKey("default", "a");
  private static final Priority URGENT = new Priority(1, "k", 2);

  private TestStore store;

  @BeforeEach
  void start(RedisServer redis, Vertx vertx) {
    store = new TestStore(vertx, redis);
    store.await(() -> store.jobs().start(Starts.job("a").build()));
  }

  private static Control control(String requestId) {
    return new Control(KEY, null, null, requestId);
  }

  private static AdjustableOptions onQueue(AdjustableOptions are, String queue) {
    return new AdjustableOptions(are.options(), new TaskQueue("default", queue), are.startDelay());
  }

  private static AdjustableOptions urgent(AdjustableOptions are) {
    JobOptions options = are.options();
    return new AdjustableOptions(
        new JobOptions(options.timeouts(), options.retryPolicy(), URGENT),
        are.queue(),
        are.startDelay());
  }

  private Job job() {
    return store.await(() -> store.jobs().describe(KEY, null)).orElseThrow().job();
  }

  @Test
  void twoChangesAtOnce_areBothMade() {
    AtomicInteger looks = new AtomicInteger();
    List<UpdateOptionsResult> results =
        store.await(
            () ->
                Future.<UpdateOptionsResult>all(
                        List.of(
                            store
                                .jobs()
                                .updateOptions(
                                    control("one"),
                                    are -> {
                                      looks.incrementAndGet();
                                      return onQueue(are, "other");
                                    }),
                            store
                                .jobs()
                                .updateOptions(
                                    control("two"),
                                    are -> {
                                      looks.incrementAndGet();
                                      return urgent(are);
                                    })))
                    .map(all -> all.<UpdateOptionsResult>list()));
    assertThat(results).allMatch(UpdateOptionsResult.Applied.class::isInstance);
    assertThat(looks).hasValue(3);
    assertThat(job().taskQueue().name()).isEqualTo("other");
    assertThat(job().options().priority()).isEqualTo(URGENT);
  }

  @Test
  void theAnswer_isTheJobAsItIsThen() {
    UpdateOptionsResult result =
        store.await(() -> store.jobs().updateOptions(control("one"), are -> urgent(are)));
    assertThat(result).isEqualTo(new UpdateOptionsResult.Applied(job()));
    UpdateOptionsResult restored = store.await(() -> store.jobs().restoreOptions(control("two")));
    assertThat(restored).isEqualTo(new UpdateOptionsResult.Applied(job()));
    assertThat(job().options()).isEqualTo(Starts.job("a").build().options());
  }

  @Test
  void whatTheChangeThrows_isTheAnswerAndNothingIsChanged() {
    Job before = job();
    assertThatThrownBy(
            () ->
                store.await(
                    () ->
                        store
                            .jobs()
                            .updateOptions(
                                control("one"),
                                are -> {
                                  throw new IllegalArgumentException("no such priority");
                                })))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such priority");
    assertThat(job()).isEqualTo(before);
  }

  @Test
  void aRepeatedRequest_isNotWorkedOutAgain() {
    store.await(() -> store.jobs().updateOptions(control("one"), are -> urgent(are)));
    UpdateOptionsResult again =
        store.await(
            () ->
                store
                    .jobs()
                    .updateOptions(
                        control("one"),
                        are -> {
                          throw new IllegalStateException("asked again");
                        }));
    assertThat(again).isEqualTo(new UpdateOptionsResult.Applied(job()));
  }

  @Test
  void refusals_sayWhy() {
    store.await(
        () ->
            store.jobs().lease(new LeaseRequest(new TaskQueue("default", "mail"), 1, "w1", false)));
    store.await(
        () ->
            store
                .jobs()
                .reset(control("one"), new ResetOptions(false, false, Duration.ZERO, false)));
    assertThat(update())
        .isEqualTo(new UpdateOptionsResult.InvalidState(JobStatus.RUNNING, RunState.STARTED));
    store.await(() -> store.jobs().terminate(control("one")));
    assertThat(update()).isEqualTo(new UpdateOptionsResult.Closed(JobStatus.TERMINATED));
    store.await(() -> store.jobs().delete(KEY, null));
    assertThat(update()).isEqualTo(new UpdateOptionsResult.NotFound());
  }

  private UpdateOptionsResult update() {
    return store.await(() -> store.jobs().updateOptions(control("two"), are -> urgent(are)));
  }
}
