package dev.postrider.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.Failure;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.job.Task;
import dev.postrider.job.TaskQueue;
import dev.postrider.store.Completion;
import dev.postrider.store.Control;
import dev.postrider.store.ControlResult;
import dev.postrider.store.Described;
import dev.postrider.store.Duties;
import dev.postrider.store.FailureReport;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.LimitsChange;
import dev.postrider.store.QueueControl;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.UpdateLimitsResult;
import dev.postrider.store.ReportResult;
import dev.postrider.store.RerunResult;
import dev.postrider.store.StartResult;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Calls a store one verb at a time, and moves its clock. */
final class StoreDriver implements AutoCloseable {
  private static final TaskQueue QUEUE = new TaskQueue("default", "q");
  private final Rig rig;
  private long now = 1_800_000_000_000L;

  StoreDriver(Rig rig) {
    this.rig = rig;
    rig.setNow(now);
  }

  int partitions() {
    return rig.settings().partitions();
  }

  Duration retention() {
    return rig.settings().retention();
  }

  Instant at(Duration fromNow) {
    return Instant.ofEpochMilli(now).plus(fromNow);
  }

  StartResult start(StartBuilder job) {
    return rig.await(0, () -> rig.store(0).start(job.build()));
  }

  RunId started(StartBuilder job) {
    StartResult result = start(job);
    assertThat(result).isInstanceOf(StartResult.Started.class);
    return ((StartResult.Started) result).job().runId();
  }

  List<Task> lease(int maxTasks) {
    return leaseAll(maxTasks).tasks();
  }

  /** Asks until there is no more to ask for at once. */
  LeaseResult leaseAll(int maxTasks) {
    List<Task> tasks = new ArrayList<>();
    LeaseResult last = LeaseResult.NOTHING.withMore(true);
    while (last.more() && tasks.size() < maxTasks) {
      LeaseRequest request = new LeaseRequest(QUEUE, maxTasks - tasks.size(), "w", false);
      last = rig.await(0, () -> rig.store(0).lease(request));
      tasks.addAll(last.tasks());
    }
    return new LeaseResult(tasks, List.of(), last.more(), last.waits());
  }

  /** Ids that all fall into one partition. */
  String idInFirstPartition(int number) {
    int seen = -1;
    for (int i = 0; ; i++) {
      String id = "job-" + i;
      seen += rig.partitionOf(new JobKey(QUEUE.namespace(), id)) == 0 ? 1 : 0;
      if (seen == number) {
        return id;
      }
    }
  }

  UpdateLimitsResult updateLimits(LimitsChange change) {
    return updateLimits(null, change);
  }

  UpdateLimitsResult updateLimits(@Nullable String requestId, LimitsChange change) {
    return updateLimits(0, requestId, change);
  }

  void updateLimitsOn(int node, LimitsChange change) {
    updateLimits(node, null, change);
  }

  private UpdateLimitsResult updateLimits(
      int node, @Nullable String requestId, LimitsChange change) {
    return rig.await(
        node,
        () -> rig.queues(node).updateLimits(new QueueControl(QUEUE, null, requestId), change));
  }

  void pauseQueue() {
    rig.await(0, () -> rig.queues(0).pause(new QueueControl(QUEUE, null, null)));
  }

  void unpauseQueue() {
    rig.await(0, () -> rig.queues(0).unpause(new QueueControl(QUEUE, null, null)));
  }

  QueueDescription describeQueue() {
    return rig.await(0, () -> rig.queues(0).describe(QUEUE, 10));
  }

  Task leaseOne() {
    List<Task> tasks = lease(1);
    assertThat(tasks).hasSize(1);
    return tasks.get(0);
  }

  Task leaseBuiltIn(int node) {
    List<Task> tasks =
        rig.await(
            node,
            () ->
                rig.store(node)
                    .lease(new LeaseRequest(QUEUE, 1, rig.builtInWorker(node), true))
                    .map(r -> r.tasks()));
    assertThat(tasks).hasSize(1);
    return tasks.get(0);
  }

  ReportResult complete(Task task) {
    return rig.await(
        0, () -> rig.store(0).complete(new Completion(task.token(), Buffer.buffer("200"), null)));
  }

  ReportResult fail(Task task, Failure failure) {
    return rig.await(0, () -> rig.store(0).fail(new FailureReport(task.token(), failure, null)));
  }

  void handBack(List<Task> tasks) {
    rig.await(0, () -> rig.store(0).handBack(tasks.stream().map(Task::token).toList()));
  }

  ReportResult completeById(JobKey key, @Nullable Integer attempt) {
    return rig.await(
        0, () -> rig.store(0).completeById(key, null, attempt, Buffer.buffer("1"), null));
  }

  private static Control control(String id, @Nullable String requestId) {
    return new Control(new JobKey("default", id), null, null, requestId);
  }

  ControlResult cancel(String id) {
    return cancel(id, null);
  }

  ControlResult cancel(String id, @Nullable String requestId) {
    return rig.await(0, () -> rig.store(0).cancel(control(id, requestId)));
  }

  ControlResult terminate(String id) {
    return rig.await(0, () -> rig.store(0).terminate(control(id, null)));
  }

  ControlResult unpause(String id) {
    return rig.await(0, () -> rig.store(0).unpause(control(id, null), Duration.ZERO));
  }

  ControlResult retryNow(String id) {
    return rig.await(0, () -> rig.store(0).retryNow(control(id, null)));
  }

  RerunResult rerun(String id, @Nullable String requestId) {
    return rig.await(0, () -> rig.store(0).rerun(control(id, requestId)));
  }

  boolean delete(String id) {
    return rig.await(0, () -> rig.store(0).delete(new JobKey("default", id), null));
  }

  Optional<Job> find(String id) {
    return rig.await(0, () -> rig.store(0).describe(new JobKey("default", id), null))
        .map(Described::job);
  }

  Job job(String id) {
    return find(id).orElseThrow();
  }

  Job job(String id, RunId runId) {
    return rig.await(0, () -> rig.store(0).describe(new JobKey("default", id), runId))
        .map(Described::job)
        .orElseThrow();
  }

  /** Moves the clock without anybody noticing. */
  void passOnly(Duration time) {
    now += time.toMillis();
    rig.setNow(now);
  }

  /** Moves the clock and lets the duties of time do all there is to do. */
  void pass(Duration time) {
    passOnly(time);
    settle();
  }

  void settle() {
    for (int partition = 0; partition < partitions(); partition++) {
      int each = partition;
      for (int round = 0; round < 3; round++) {
        rig.await(0, () -> rig.duties(0).expire(each));
        rig.await(0, () -> rig.duties(0).reap(each));
      }
    }
  }

  void lapse() {
    for (int partition = 0; partition < partitions(); partition++) {
      int each = partition;
      rig.await(1, () -> rig.duties(1).lapse(each));
    }
  }

  void renew(int node) {
    for (int partition = 0; partition < partitions(); partition++) {
      int each = partition;
      rig.await(node, () -> rig.duties(node).renew(each));
    }
  }

  void renewAll() {
    for (int node = 0; node < Rig.NODES; node++) {
      renew(node);
    }
  }

  Duration liveness() {
    return Duties.LIVENESS;
  }

  @Override
  public void close() {
    rig.close();
  }
}
