package dev.postrider.dispatch;

import dev.postrider.event.EventTail;
import dev.postrider.job.JobKey;
import dev.postrider.job.RateLimit;
import dev.postrider.job.StartRequest;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.Control;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.LimitsChange.Entries;
import dev.postrider.store.QueueControl;
import dev.postrider.store.Setting;
import dev.postrider.store.StartResult;
import dev.postrider.store.Wakeup;
import dev.postrider.store.redis.ScriptRunner;
import dev.postrider.testing.CountingRunner;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import dev.postrider.testing.TestStore;
import dev.postrider.testing.TestWakeups;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Both halves of dispatch over a real store, as one event loop of a node has them. */
final class DispatchRig {
  static final TaskQueue MAIL = new TaskQueue("default", "mail");
  static final Duration LONG = Duration.ofSeconds(60);

  final Map<String, AtomicInteger> calls = CountingRunner.counts();
  final Metrics metrics = new Metrics();
  final TestStore store;
  final Wakeups wakeups;
  final Tasks tasks;
  final Jobs jobs;
  final Semaphore pollPlaces;
  final Semaphore waiterPlaces;
  private @Nullable HeldLeases held;

  /**
   * @param places how many polls and how many waiters there may be
   * @param maxBytes longest result and details, and what one poll may be given
   * @param maxScan runs per page of a list
   */
  DispatchRig(Vertx vertx, RedisServer redis, int places, int maxBytes, int maxScan) {
    store = new TestStore(vertx, redis, TestStore.Options.DEFAULT.withBetween(this::between));
    pollPlaces = new Semaphore(places);
    waiterPlaces = new Semaphore(places);
    wakeups = store.await(() -> TestWakeups.open(vertx, redis, 1));
    ReportLimits limits = new ReportLimits(maxBytes, maxBytes, maxBytes);
    tasks =
        made(() -> new Tasks(vertx, store.jobs(), wakeups, pollPlaces, maxBytes, limits, metrics));
    jobs =
        made(
            () ->
                new Jobs(
                    vertx,
                    store.jobs(),
                    new EventTail(vertx, store.events(), wakeups),
                    waiterPlaces,
                    limits,
                    maxScan,
                    metrics));
  }

  private ScriptRunner between(ScriptRunner redis) {
    HeldLeases leases = new HeldLeases(new CountingRunner(redis, calls));
    held = leases;
    return leases;
  }

  /** Does something about the leases that are under way. */
  void leases(Consumer<HeldLeases> change) {
    made(
        () -> {
          change.accept(Objects.requireNonNull(held));
          return held;
        });
  }

  /** Lets the polls hear what Redis calls out, on their event loop. */
  void called(Wakeup wakeup) {
    made(
        () -> {
          wakeups.handle(wakeup);
          return wakeup;
        });
  }

  /** Another node of the same store. */
  TestStore elsewhere(Vertx vertx, RedisServer redis) {
    TestStore other =
        new TestStore(vertx, redis, TestStore.Options.DEFAULT.withNode("n2").withSeed(2));
    other.setNow(store.now());
    return other;
  }

  DispatchRig(Vertx vertx, RedisServer redis) {
    this(vertx, redis, 100, 1 << 20, 10_000);
  }

  int calls(String script) {
    return CountingRunner.of(calls, script);
  }

  StartResult start(String id) {
    return store.await(() -> jobs.start(Starts.job(id).build()));
  }

  /** Starts so many jobs in a queue, named by it and a number from 0. */
  void backlog(String queue, int jobsThere) {
    List<StartRequest> all = new ArrayList<>();
    for (int i = 0; i < jobsThere; i++) {
      all.add(Starts.job(queue + i).on(queue).build());
    }
    store.await(() -> jobs.startAll(all).compose(Future::all));
  }

  /** Limits the queue "mail". */
  void limit(@Nullable RateLimit queue, @Nullable RateLimit fairnessKey) {
    LimitsChange change =
        new LimitsChange(
            new Setting<>(queue),
            new Setting<>(fairnessKey),
            Entries.none(),
            Entries.none(),
            Entries.none(),
            null,
            null,
            null);
    store.await(() -> store.taskQueues().updateLimits(ofMail(), change));
  }

  void pauseQueue() {
    store.await(() -> store.taskQueues().pause(ofMail()));
  }

  void unpauseQueue() {
    store.await(() -> store.taskQueues().unpause(ofMail()));
  }

  private static QueueControl ofMail() {
    return new QueueControl(MAIL, null, null);
  }

  Poll poll(PollRequest request, Duration wait) {
    return made(() -> tasks.poll(request, wait));
  }

  /** A poll that has found nothing in any of its queues. */
  Poll parked(PollRequest request) {
    Poll poll = poll(request, LONG);
    request.queues().forEach(queue -> settle());
    if (poll.isAnswered()) {
      throw new IllegalStateException("there was something");
    }
    return poll;
  }

  /** What its caller does who goes. */
  void abandon(Poll poll) {
    made(
        () -> {
          poll.abandon();
          return "gone";
        });
  }

  Poll poll(int maxTasks, Duration wait) {
    return made(() -> tasks.poll(new LeaseRequest(MAIL, maxTasks, "w", false), wait));
  }

  Poll poll(String worker, Duration wait) {
    return made(() -> tasks.poll(new LeaseRequest(MAIL, 1, worker, false), wait));
  }

  /** The poll of a worker with a rate of its own. */
  Poll ratedPoll(String worker, double maxTasksPerSecond) {
    return made(
        () -> tasks.poll(new LeaseRequest(MAIL, 1, worker, false, maxTasksPerSecond), LONG));
  }

  LeaseResult answerOf(Poll poll) {
    return store.await(poll::answer);
  }

  /** Asks a job to end, as a client does. */
  void cancel(String id) {
    store.await(() -> jobs.cancel(new Control(new JobKey("default", id), null, null, null)));
  }

  List<Task> tasksOf(Poll poll) {
    return store.await(poll::answer).tasks();
  }

  List<String> idsOf(Poll poll) {
    return tasksOf(poll).stream().map(task -> task.token().key().id()).toList();
  }

  /** Makes something on the event loop of the store. */
  <T> T made(java.util.function.Supplier<T> maker) {
    return store.await(() -> Future.succeededFuture(maker.get()));
  }

  /** Lets every call that is under way be answered. */
  void settle() {
    store.await(() -> store.jobs().describe(Starts.job("nobody").build().key(), null));
    store.await(() -> store.jobs().describe(Starts.job("nobody").build().key(), null));
  }
}
