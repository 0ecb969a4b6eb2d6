package dev.postrider.dispatch;

import dev.postrider.event.EventListener;
import dev.postrider.event.EventTail;
import dev.postrider.job.Job;
import dev.postrider.job.JobKey;
import dev.postrider.job.RunId;
import dev.postrider.store.Described;
import dev.postrider.store.JobEvent;
import dev.postrider.store.JobStore;
import dev.postrider.store.StartResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The calls that wait for a run to close: woken by its events, never by a clock that polls. */
final class Waiters {
  private final Vertx vertx;
  private final JobStore store;
  private final EventTail tail;
  private final Semaphore places;
  private final Set<Wait> waiting = new HashSet<>();
  private boolean closed;

  Waiters(Vertx vertx, JobStore store, EventTail tail, Semaphore places) {
    this.vertx = vertx;
    this.store = store;
    this.tail = tail;
    this.places = places;
  }

  Future<Optional<Job>> result(JobKey key, @Nullable RunId runId, Duration wait) {
    return job(key, runId)
        .compose(
            found ->
                found.isEmpty() || isClosed(found)
                    ? Future.succeededFuture(found)
                    : taken(() -> close(key, found.get().runId(), wait)));
  }

  Future<StartResult> start(Supplier<Future<StartResult>> start, Duration wait) {
    return taken(() -> start.get().compose(started -> closed(started, wait)));
  }

  private Future<StartResult> closed(StartResult started, Duration wait) {
    if (started instanceof StartResult.Started created) {
      return latest(created.job(), wait).map(StartResult.Started::new);
    }
    if (started instanceof StartResult.Existing existing) {
      return latest(existing.job(), wait).map(StartResult.Existing::new);
    }
    return Future.succeededFuture(started);
  }

  /** The job once closed; whatever goes wrong with the waiting, the start itself is answered. */
  private Future<Job> latest(Job job, Duration wait) {
    if (!job.state().status().isOpen()) {
      return Future.succeededFuture(job);
    }
    return close(job.key(), job.runId(), wait).map(found -> found.orElse(job)).otherwise(job);
  }

  private <T> Future<T> taken(Supplier<Future<T>> call) {
    if (!places.tryAcquire()) {
      return Future.failedFuture(
          new RefusedException(
              Refusal.OVERLOADED, "As many calls wait for jobs to close as this node allows."));
    }
    return call.get().onComplete(ignored -> places.release());
  }

  /** Answers everyone with the run as it is now; nobody waits from now on. */
  void close() {
    closed = true;
    Set.copyOf(waiting).forEach(Wait::answer);
  }

  private Future<Optional<Job>> close(JobKey key, RunId runId, Duration wait) {
    if (closed) {
      return job(key, runId);
    }
    Promise<Optional<Job>> answer = Promise.promise();
    Wait wish = new Wait(key, runId, answer);
    waiting.add(wish);
    long timer = vertx.setTimer(Math.max(1, wait.toMillis()), id -> wish.answer());
    Future<EventTail.Listening> listening = tail.listen(key, runId, wish);
    listening.onComplete(held -> wish.look(), answer::tryFail);
    return answer
        .future()
        .onComplete(
            ignored -> {
              waiting.remove(wish);
              vertx.cancelTimer(timer);
              listening.onSuccess(EventTail.Listening::close);
            });
  }

  private Future<Optional<Job>> job(JobKey key, @Nullable RunId runId) {
    return store.describe(key, runId).map(found -> found.map(Described::job));
  }

  private static boolean isClosed(Optional<Job> found) {
    return found.isPresent() && !found.get().state().status().isOpen();
  }

  private final class Wait implements EventListener {
    private final JobKey key;
    private final RunId runId;
    private final Promise<Optional<Job>> answer;

    Wait(JobKey key, RunId runId, Promise<Optional<Job>> answer) {
      this.key = key;
      this.runId = runId;
      this.answer = answer;
    }

    @Override
    public void happened(JobEvent event) {
      if (event.name().closes()) {
        answer();
      }
    }

    @Override
    public void missed() {
      look();
    }

    /** Answers if it is closed already. */
    void look() {
      job(key, runId)
          .onComplete(
              found -> {
                if (found.isEmpty() || isClosed(found)) {
                  answer.tryComplete(found);
                }
              },
              answer::tryFail);
    }

    /** Answers with the run as it is now. */
    void answer() {
      job(key, runId).onComplete(answer::tryComplete, answer::tryFail);
    }
  }
}
