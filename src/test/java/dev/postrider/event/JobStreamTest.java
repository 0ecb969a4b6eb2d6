package dev.postrider.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Job;
import dev.postrider.job.JobContent;
import dev.postrider.job.JobKey;
import dev.postrider.job.JobOptions;
import dev.postrider.job.JobOutcome;
import dev.postrider.job.JobState;
import dev.postrider.job.JobStatus;
import dev.postrider.job.JobTimes;
import dev.postrider.job.Priority;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.RunId;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import dev.postrider.store.Described;
import dev.postrider.store.EventPosition;
import dev.postrider.store.JobEvent;
import dev.postrider.store.Wakeup;
import dev.postrider.store.WakeupSource;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The order of snapshot, past and present, over a log whose answers arrive when the test says so.
 */
class JobStreamTest {
  private static final JobKey KEY = new JobKey("default", "order-1");
  private static final RunId RUN = new RunId(1);
  private static final RunId OTHER = new RunId(2);

  private static Vertx vertx;

  private final MemoryEventLog log = new MemoryEventLog();
  private final List<StreamFrame> frames = new ArrayList<>();
  private Handler<Wakeup> ear = wakeup -> {};
  private final EventTail tail = new EventTail(vertx, log, this::register);
  private int attempt;
  private JobStatus status = JobStatus.RUNNING;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopVertx() {
    vertx.close().await();
  }

  @Test
  void aFreshListenerGetsASnapshotThenWhatFollowsThenTheEnd() {
    happens(JobEvent.Name.STARTED);
    open(null);
    log.answerAll();
    happens(JobEvent.Name.LEASED);
    happens(JobEvent.Name.COMPLETED);
    log.answerAll();

    assertThat(names())
        .containsExactly("snapshot attempt 1", "job.leased 2", "job.completed 3", "end");
    assertThat(last().id().last()).isTrue();
  }

  @Test
  void aClosedRunGivesItsSnapshotAndTheEndWithoutReadingTheLog() {
    happens(JobEvent.Name.COMPLETED);
    open(null);

    assertThat(names()).containsExactly("snapshot attempt 1", "end");
    assertThat(log.reads).isZero();
  }

  @Test
  void aReturningListenerGetsWhatItMissedWithoutASnapshot() {
    happens(JobEvent.Name.STARTED);
    StreamId seen = new StreamId(RUN, log.endNow(), false);
    happens(JobEvent.Name.LEASED);
    happens(JobEvent.Name.RETRYING);
    open(seen);
    log.answerAll();
    happens(JobEvent.Name.COMPLETED);
    log.answerAll();

    assertThat(names()).containsExactly("job.leased 2", "job.retrying 3", "job.completed 4", "end");
  }

  @Test
  void aReturningListenerOfARunThatClosedMeanwhileGetsTheRestAndTheEnd() {
    happens(JobEvent.Name.STARTED);
    StreamId seen = new StreamId(RUN, log.endNow(), false);
    happens(JobEvent.Name.LEASED);
    happens(JobEvent.Name.FAILED);
    open(seen);
    log.answerAll();

    assertThat(names()).containsExactly("job.leased 2", "job.failed 3", "end");
  }

  @Test
  void aReturningListenerThatSawEverythingButTheEndGetsTheEnd() {
    happens(JobEvent.Name.COMPLETED);
    open(new StreamId(RUN, log.endNow(), false));
    log.answerAll();

    assertThat(names()).containsExactly("end");
  }

  @Test
  void aReturningListenerWhosePlaceIsTrimmedGetsAGapAndASnapshot() {
    happens(JobEvent.Name.STARTED);
    StreamId seen = new StreamId(RUN, log.endNow(), false);
    happens(JobEvent.Name.LEASED);
    log.trimAll();
    open(seen);
    log.answerAll();
    happens(JobEvent.Name.COMPLETED);
    log.answerAll();

    assertThat(names()).containsExactly("gap", "snapshot attempt 2", "job.completed 3", "end");
  }

  @Test
  void anEventInTheMiddleOfAnEntryIsResumedWithTheRestOfThatEntry() {
    log.append(event(JobEvent.Name.STARTED, RUN), event(JobEvent.Name.LEASED, RUN));
    attempt = 1;
    open(new StreamId(RUN, new EventPosition(1, 0, 1), false));
    log.answerAll();

    assertThat(names()).containsExactly("job.leased 0");
  }

  @Test
  void whenTheTailItselfMissesEventsTheListenerGetsAGapAndASnapshot() {
    happens(JobEvent.Name.STARTED);
    open(null);
    log.answerAll();
    happensUnheard(JobEvent.Name.LEASED);
    log.trimAll();
    happens(JobEvent.Name.RETRYING);
    log.answerAll();

    assertThat(names()).startsWith("snapshot attempt 1", "gap", "snapshot attempt 3");
    assertThat(names()).hasSize(3);
  }

  @Test
  void nothingIsReadWhenTheLastListenerIsGone() {
    happens(JobEvent.Name.STARTED);
    JobStream stream = open(null);
    log.answerAll();
    stream.close();
    int before = log.reads;
    happens(JobEvent.Name.LEASED);
    log.answerAll();

    assertThat(log.reads).isEqualTo(before);
    assertThat(names()).containsExactly("snapshot attempt 1");
  }

  @Test
  void aLogThatCannotBeReadBreaksTheStreamOff() {
    happens(JobEvent.Name.STARTED);
    boolean[] closed = new boolean[1];
    JobStream stream =
        new JobStream(
            () -> Future.failedFuture("away"),
            log,
            tail,
            describedNow(),
            null,
            () -> closed[0] = true);
    stream.start(new Sink());
    log.answerAll();

    assertThat(last()).isInstanceOf(StreamFrame.Broken.class);
    assertThat(closed[0]).isTrue();
  }

  /** Whatever the order of events, wake-ups and answers: every event once, in order. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noEventIsLostOrDoubledInAnyInterleaving(boolean returning) {
    for (int seed = 0; seed < 3_000; seed++) {
      JobStreamTest run = new JobStreamTest();
      run.interleave(new Random(seed), returning, "seed " + seed);
      run.tail.close();
    }
  }

  private void interleave(Random random, boolean returning, String seed) {
    log.lateness = random;
    boolean opened = false;
    int total = 3 + random.nextInt(12);
    int seen = 0;
    StreamId from = null;
    while (attempt < total || !opened) {
      switch (random.nextInt(5)) {
        case 0 -> {
          if (attempt < total) {
            boolean last = attempt == total - 1;
            JobEvent.Name name = last ? JobEvent.Name.COMPLETED : JobEvent.Name.HEARTBEAT;
            if (random.nextBoolean()) {
              happens(name);
            } else {
              happensUnheard(name);
            }
          }
        }
        case 1 -> log.append(event(JobEvent.Name.LEASED, OTHER));
        case 2 -> log.answerOne();
        case 3 -> ear.handle(new Wakeup.Happened(0));
        default -> {
          if (returning && from == null && attempt > 0) {
            from = new StreamId(RUN, log.endNow(), status == JobStatus.COMPLETED);
            seen = attempt;
          } else if (!opened && attempt > 0 && (!returning || (from != null && !from.last()))) {
            open(from);
            opened = true;
          } else if (returning && from != null && from.last()) {
            opened = true;
          }
        }
      }
    }
    ear.handle(new Wakeup.Happened(0));
    log.answerAll();
    if (returning && from != null && from.last()) {
      return;
    }
    List<Integer> attempts = new ArrayList<>();
    for (StreamFrame frame : frames) {
      if (frame instanceof StreamFrame.Snapshot snapshot) {
        seen = snapshot.job().state().attempt();
        assertThat(attempts).as(seed).isEmpty();
      } else if (frame instanceof StreamFrame.Happened happened) {
        attempts.add(happened.event().attempt());
      }
    }
    List<Integer> expected = new ArrayList<>();
    for (int i = seen + 1; i <= total; i++) {
      expected.add(i);
    }
    assertThat(attempts).as(seed).isEqualTo(expected);
    assertThat(last()).as(seed).isInstanceOf(StreamFrame.End.class);
  }

  private JobStream open(StreamId resumed) {
    JobStream stream =
        new JobStream(
            () -> log.later(() -> Optional.of(describedNow())),
            log,
            tail,
            describedNow(),
            resumed,
            () -> {});
    stream.start(new Sink());
    return stream;
  }

  /** Something happens to the run, and everybody is told. */
  private void happens(JobEvent.Name name) {
    happensUnheard(name);
    ear.handle(new Wakeup.Happened(0));
  }

  private void happensUnheard(JobEvent.Name name) {
    attempt++;
    if (name.closes()) {
      status = JobStatus.COMPLETED;
    }
    log.append(event(name, RUN));
  }

  private JobEvent event(JobEvent.Name name, RunId run) {
    return new JobEvent(
        new EventPosition(0, 0, 0),
        name,
        KEY,
        run,
        status,
        null,
        attempt,
        Instant.EPOCH,
        null,
        null);
  }

  private Described describedNow() {
    Job job =
        new Job(
            KEY,
            RUN,
            "deliver-webhook",
            new TaskQueue("default", "webhooks"),
            new JobState(status, null, null, attempt, 0, null, null),
            new JobOptions(
                new Timeouts(null, null, null, null), RetryPolicy.DEFAULT, Priority.DEFAULT),
            new JobContent(null, null, null, null),
            new JobTimes(Instant.EPOCH, Instant.EPOCH, null, null, null, null),
            JobOutcome.NONE,
            null,
            List.of(),
            0,
            null);
    return new Described(job, log.endNow());
  }

  private WakeupSource.Registration register(Handler<Wakeup> handler) {
    ear = handler;
    return () -> ear = wakeup -> {};
  }

  private StreamFrame last() {
    return frames.get(frames.size() - 1);
  }

  private List<String> names() {
    return frames.stream().map(JobStreamTest::name).toList();
  }

  private static String name(StreamFrame frame) {
    if (frame instanceof StreamFrame.Snapshot snapshot) {
      return "snapshot attempt " + snapshot.job().state().attempt();
    }
    if (frame instanceof StreamFrame.Happened happened) {
      return happened.event().name().wire() + " " + happened.event().attempt();
    }
    return frame.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
  }

  private final class Sink implements StreamSink {
    @Override
    public void send(StreamFrame frame) {
      frames.add(frame);
    }

    @Override
    public Future<Void> ready() {
      return Future.succeededFuture();
    }
  }
}
