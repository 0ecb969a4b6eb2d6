package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.Failure;
import dev.postrider.job.JobKey;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.TaskToken;
import dev.postrider.store.Control;
import dev.postrider.store.EventPosition;
import dev.postrider.store.FailureReport;
import dev.postrider.store.JobEvent;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.ResetOptions;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a listener is told of the controls. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class ControlEventsTest {
  private static final Control CONTROL = new Control(new JobKey("default", "a"), null, null, null);
  private static final Duration NONE = Duration.ZERO;

  private TestStore store;

  @BeforeEach
  void start(RedisServer redis, Vertx vertx) {
    store = new TestStore(vertx, redis);
    store.await(() -> store.jobs().start(Starts.job("a").build()));
  }

  private TaskToken lease() {
    return store
        .await(
            () ->
                store
                    .jobs()
                    .lease(new LeaseRequest(new TaskQueue("default", "mail"), 1, "w1", false)))
        .tasks()
        .get(0)
        .token();
  }

  private void pause() {
    store.await(() -> store.jobs().pause(CONTROL));
  }

  private void unpause() {
    store.await(() -> store.jobs().unpause(CONTROL, NONE));
  }

  private void reset(boolean keepPaused) {
    store.await(
        () -> store.jobs().reset(CONTROL, new ResetOptions(keepPaused, false, NONE, false)));
  }

  private void fail(TaskToken token) {
    Failure failure = new Failure("http.503", "", false, null, null, null);
    store.await(() -> store.jobs().fail(new FailureReport(token, failure, null)));
  }

  private JobEvent last() {
    return store
        .await(() -> store.events().read(0, new EventPosition(0, 0, 0), 100))
        .events()
        .stream()
        .reduce((one, next) -> next)
        .orElseThrow();
  }

  /**
   * Name, status, run state and attempt, and where told failure type and ms of the next attempt.
   */
  private void assertLast(String expected) {
    JobEvent event = last();
    StringBuilder told = new StringBuilder(event.name().wire());
    told.append(' ').append(event.status().wire());
    told.append('/').append(event.runState() == null ? "-" : event.runState().wire());
    told.append(" #").append(event.attempt());
    if (event.failureType() != null) {
      told.append(' ').append(event.failureType());
    }
    Instant next = event.nextAttemptAt();
    if (next != null) {
      told.append(" +").append(next.toEpochMilli() - TestStore.START_MS);
    }
    assertThat(told).hasToString(expected);
  }

  @Test
  void aQueuedJob() {
    pause();
    assertLast("job.paused paused/paused #1");
    reset(true);
    assertLast("job.reset paused/paused #1");
    unpause();
    assertLast("job.unpaused running/scheduled #1 +0");
    reset(false);
    assertLast("job.reset running/scheduled #1");
  }

  @Test
  void anAttemptThatRuns() {
    TaskToken token = lease();
    pause();
    assertLast("job.pause_requested running/pause_requested #1");
    unpause();
    assertLast("job.unpaused running/started #1");
    pause();
    fail(token);
    assertLast("job.paused paused/paused #2 http.503 +1000");
    store.await(
        () ->
            store
                .jobs()
                .reset(CONTROL, new ResetOptions(false, false, Duration.ofHours(1), false)));
    JobEvent reset = last();
    assertThat(reset.name()).isEqualTo(JobEvent.Name.RESET);
    assertThat(reset.nextAttemptAt()).isAfter(Instant.ofEpochMilli(store.now()));
  }

  @Test
  void aReset() {
    TaskToken token = lease();
    reset(false);
    assertLast("job.reset running/started #1");
    fail(token);
    assertLast("job.retrying running/scheduled #1 http.503 +0");
    token = lease();
    pause();
    reset(true);
    assertLast("job.reset running/pause_requested #1");
    fail(token);
    assertLast("job.paused paused/paused #1 http.503 +0");
  }

  @Test
  void changedOptions() {
    fail(lease());
    store.await(
        () ->
            store
                .jobs()
                .updateOptions(
                    CONTROL,
                    are ->
                        new AdjustableOptions(
                            are.options(), new TaskQueue("default", "other"), are.startDelay())));
    assertLast("job.options_updated running/scheduled #2 +1000");
  }
}
