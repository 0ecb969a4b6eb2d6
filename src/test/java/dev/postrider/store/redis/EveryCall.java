package dev.postrider.store.redis;

import dev.postrider.job.AdjustableOptions;
import dev.postrider.job.DeliveryResponse;
import dev.postrider.job.Failure;
import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.JobKey;
import dev.postrider.job.RateLimit;
import dev.postrider.job.RetryPolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.job.StartTime;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.job.Timeouts;
import dev.postrider.store.Cancellation;
import dev.postrider.store.Completion;
import dev.postrider.store.Control;
import dev.postrider.store.Duties;
import dev.postrider.store.FailureReport;
import dev.postrider.store.HeartbeatReport;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.QueueControl;
import dev.postrider.store.ResetOptions;
import dev.postrider.store.Setting;
import dev.postrider.store.TaskQueues;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A story in which every method of the store and of its duties has a part. */
final class EveryCall {
  private static final TaskQueue MAIL = new TaskQueue("default", "mail");

  private final TestStore store;
  private final List<Object> answers = new ArrayList<>();

  private EveryCall(TestStore store) {
    this.store = store;
  }

  /** Tells it; what the calls answered, in order. */
  static List<Object> on(TestStore store) {
    EveryCall story = new EveryCall(store);
    story.limits();
    story.starts();
    story.described();
    story.reports();
    story.controls();
    story.builtIn();
    story.time();
    return story.answers;
  }

  private <T> T call(java.util.function.Function<JobStore, Future<T>> what) {
    T answer = store.await(() -> what.apply(store.jobs()));
    answers.add(answer == null ? "nothing" : answer);
    return answer;
  }

  private void duty(java.util.function.BiFunction<Duties, Integer, Future<?>> what) {
    for (int p = 0; p < store.duties().partitions(); p++) {
      int partition = p;
      Object answer = store.await(() -> what.apply(store.duties(), partition).map(x -> (Object) x));
      answers.add(answer == null ? "nothing" : answer);
    }
  }

  private void queue(java.util.function.Function<TaskQueues, Future<?>> what) {
    Object answer = store.await(() -> what.apply(store.taskQueues()).map(x -> (Object) x));
    answers.add(answer == null ? "nothing" : answer);
  }

  private void limits() {
    QueueControl control = new QueueControl(MAIL, "because", null);
    queue(
        q ->
            q.updateLimits(
                control,
                new LimitsChange(
                    new Setting<>(new RateLimit(1000, 50)),
                    new Setting<>(new RateLimit(500, null)),
                    new Entries<>(false, Map.of("k1", new Setting<>(new RateLimit(400, 9)))),
                    new Entries<>(
                        true, Map.of("https://x:443", new Setting<>(new RateLimit(300, 4)))),
                    new Entries<>(false, Map.of("k0", new Setting<>(2.5))),
                    new Setting<>(1000),
                    new Setting<>(100),
                    new Setting<>(50))));
    queue(q -> q.pause(control));
    queue(q -> q.unpause(control));
  }

  private void described() {
    queue(q -> q.describe(MAIL, 10));
    queue(q -> q.list("default", null, 10));
  }

  private void starts() {
    for (int i = 0; i < 12; i++) {
      Starts start =
          Starts.job("j" + i)
              .requestId(i == 3 ? "request" : null)
              .fairness("k" + i % 2, 1 + i % 3)
              .to(i % 4 == 0 ? "https://x:443" : "");
      call(s -> s.start(start.build()));
    }
    call(s -> s.start(Starts.job("later").at(new StartTime.After(Duration.ofSeconds(5))).build()));
    call(
        s ->
            s.start(Starts.job("much-later").at(new StartTime.After(Duration.ofHours(5))).build()));
    call(s -> s.start(Starts.job("paused").paused().build()));
    call(
        s ->
            s.start(
                Starts.job("big").input(Buffer.buffer("\"" + "x".repeat(5000) + "\"")).build()));
    call(s -> s.start(Starts.job("j0").build()));
    call(
        s ->
            s.start(
                Starts.job("j1")
                    .policies(
                        new StartPolicies(
                            IdConflictPolicy.TERMINATE_EXISTING,
                            IdReusePolicy.ALLOW_DUPLICATE,
                            false))
                    .build()));
  }

  private List<Task> lease(int count, boolean builtIn) {
    return call(s ->
            s.lease(new LeaseRequest(MAIL, count, builtIn ? "postrider/n1" : "w1", builtIn)))
        .tasks();
  }

  private void reports() {
    List<Task> tasks = lease(6, false);
    Failure failure = new Failure("http.503", "busy", false, null, null, null);
    call(s -> s.complete(new Completion(tasks.get(0).token(), Buffer.buffer("200"), null)));
    call(s -> s.complete(new Completion(tasks.get(0).token(), Buffer.buffer("200"), null)));
    call(
        s ->
            s.complete(
                new Completion(
                    tasks.get(1).token(),
                    Buffer.buffer("\"a long result\""),
                    new DeliveryResponse(200, 12, Buffer.buffer("ok")))));
    call(s -> s.fail(new FailureReport(tasks.get(2).token(), failure, null)));
    call(
        s ->
            s.fail(
                new FailureReport(
                    tasks.get(3).token(),
                    new Failure("bad", "for good", true, null, Buffer.buffer("{}"), failure),
                    new DeliveryResponse(400, 12, Buffer.buffer("no")))));
    call(s -> s.heartbeat(new HeartbeatReport(tasks.get(4).token(), Buffer.buffer("{\"at\":7}"))));
    call(s -> s.heartbeat(new HeartbeatReport(tasks.get(4).token(), null)));
    call(s -> s.heartbeat(new HeartbeatReport(tasks.get(0).token(), null)));
    call(s -> s.heartbeatById(tasks.get(4).token().key(), null, 1, Buffer.buffer("8")));
    call(s -> s.handBack(List.of(tasks.get(4).token(), tasks.get(5).token())));
    call(s -> s.list("default", null, 100));
    call(s -> s.describe(tasks.get(3).token().key(), null));
  }

  private void controls() {
    call(s -> s.retryNow(control("much-later")));
    call(s -> s.unpause(control("paused"), Duration.ZERO));
    call(s -> s.pause(control("much-later")));
    call(s -> s.reset(control("much-later"), new ResetOptions(true, true, Duration.ZERO, true)));
    call(
        s ->
            s.updateOptions(
                control("much-later"),
                are ->
                    new AdjustableOptions(
                        are.options(), new TaskQueue("default", "other"), are.startDelay())));
    call(s -> s.restoreOptions(control("much-later")));
    call(s -> s.unpause(control("much-later"), Duration.ZERO));
    List<Task> tasks = lease(3, false);
    call(s -> s.cancel(control(tasks.get(0).token().key().id())));
    lease(1, false);
    call(s -> s.notifyAgain(List.of(tasks.get(0).token())));
    call(s -> s.completeById(tasks.get(1).token().key(), null, 1, Buffer.buffer("1"), null));
    call(
        s ->
            s.failById(
                tasks.get(2).token().key(),
                null,
                null,
                new Failure("bad", "", false, null, null, null),
                null));
    call(s -> s.heartbeat(new HeartbeatReport(tasks.get(0).token(), null)));
    call(
        s ->
            s.canceled(
                new Cancellation(tasks.get(0).token(), Buffer.buffer("\"as asked\""), true)));
    call(
        s ->
            s.canceled(
                new Cancellation(tasks.get(0).token(), Buffer.buffer("\"as asked\""), true)));
    call(s -> s.canceled(new Cancellation(tasks.get(1).token(), null, false)));
    call(s -> s.terminate(control("big")));
    call(s -> s.rerun(control("big")));
    call(s -> s.delete(new JobKey("default", "big"), null));
  }

  private static Control control(String id) {
    return new Control(new JobKey("default", id), null, "because", null);
  }

  private void builtIn() {
    call(s -> s.lease(new LeaseRequest(MAIL, 2, "w2", false, 1.5)));
    duty((d, p) -> d.renew(p));
    lease(4, true);
    duty((d, p) -> d.lapse(p));
    duty((d, p) -> d.leave(p));
    duty((d, p) -> d.lapse(p));
  }

  private void time() {
    call(
        s ->
            s.start(
                Starts.job("expiring")
                    .timeouts(new Timeouts(Duration.ofSeconds(100), null, null, null))
                    .retry(
                        new RetryPolicy(
                            Duration.ofSeconds(1), 2, Duration.ofSeconds(9), 3, List.of("x"), 0.5))
                    .build()));
    store.advance(Duration.ofSeconds(50));
    duty((d, p) -> d.expire(p));
    duty((d, p) -> d.reap(p));
    store.advance(Duration.ofSeconds(50));
    duty((d, p) -> d.reap(p));
    store.advance(Duration.ofDays(8));
    duty((d, p) -> d.expire(p));
    duty((d, p) -> d.trim(p));
    call(s -> s.list("default", null, 100));
  }
}
