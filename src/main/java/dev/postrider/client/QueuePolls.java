package dev.postrider.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The long polls of a worker, one under way for each of its queues while there is room. An idle
 * queue's poll holds room for one task only, so that it keeps nothing from the others.
 *
 * <p>A worker without room listens for notices all the same: by a poll of a queue that is nobody
 * else's and has no jobs.
 */
final class QueuePolls {
  private static final Logger LOG = LoggerFactory.getLogger(QueuePolls.class);

  /** As many as the service gives to one call. */
  private static final int MOST_PER_CALL = 1_000;

  private static final Duration WAIT = Duration.ofSeconds(20);

  /** A poll that has not been answered by then has nothing for a worker that stops. */
  private static final Duration LAST_ANSWERS = Duration.ofMillis(500);

  /** Nobody reads the same refusal more often. */
  private static final Duration COMPLAINTS = Duration.ofMinutes(1);

  private final Vertx vertx;
  private final Http http;
  private final WorkerSettings settings;
  private final Consumer<JsonNode> taker;
  private final Map<String, QueuePoll> queues = new LinkedHashMap<>();
  private final QueuePoll notices;
  private int room;
  private long turns;
  private boolean closed;

  /**
   * @param taker gets every answer
   */
  QueuePolls(Vertx vertx, Http http, WorkerSettings settings, Consumer<JsonNode> taker) {
    this.vertx = vertx;
    this.http = http;
    this.settings = settings;
    this.taker = taker;
    this.room = settings.concurrency();
    settings.queues().forEach(queue -> queues.put(queue, new QueuePoll(queue)));
    this.notices = new QueuePoll(settings.noticesQueue());
  }

  /** Gives room for so many tasks back; a negative number takes it. */
  void free(int tasks) {
    room += tasks;
  }

  /** Whether a queue may be asked for more past the polls: no other one waits for the room. */
  boolean mayBring(String queue) {
    QueuePoll poll = queues.get(queue);
    return poll != null
        && poll.isIdle()
        && queues.values().stream().noneMatch(other -> other != poll && other.isIdle());
  }

  /**
   * Polls as far as there is room, first the queues whose last poll is longest ago, so that none
   * takes all the room again and again.
   *
   * @param busy whether there is a task that notices could be about
   */
  void fill(boolean busy) {
    if (closed) {
      return;
    }
    List<QueuePoll> idle =
        queues.values().stream()
            .filter(QueuePoll::isIdle)
            .sorted(Comparator.comparingLong(queue -> queue.turn))
            .toList();
    int waiting = idle.size();
    for (QueuePoll queue : idle) {
      if (room > 0) {
        waiting--;
        boolean least = queue.quiet && queues.size() > 1;
        int most = least ? 1 : Math.max(1, room - waiting);
        poll(queue, Math.min(most, MOST_PER_CALL));
      }
    }
    if (busy && notices.isIdle() && queues.values().stream().allMatch(QueuePoll::isIdle)) {
      poll(notices, 0);
    }
  }

  /** A task of the queue has got a thread. */
  void accepted(String queue) {
    QueuePoll poll = queues.get(queue);
    if (poll != null) {
      poll.rejections = 0;
    }
  }

  /** A task of the queue has got no thread, and the next would get none at once either. */
  void rejected(String queue, Throwable cause) {
    QueuePoll poll = queues.get(queue);
    if (poll != null && !poll.resting) {
      poll.resting = true;
      wake(poll, Retry.rest(cause, ++poll.rejections));
    }
  }

  /** Polls no more; done when what was under way is answered, or has nothing to say. */
  Future<?> settle() {
    closed = true;
    Future<?> answered = Future.join(queues.values().stream().map(poll -> poll.call).toList());
    return answered.timeout(LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void poll(QueuePoll queue, int taken) {
    room -= taken;
    queue.turn = ++turns;
    ObjectNode body = settings.ask(Math.max(1, taken), WAIT).put("worker", settings.name());
    queue.call =
        http.call(HttpMethod.POST, settings.pollPath(queue.queue), body, WAIT)
            .onComplete(
                answer -> {
                  int tasks = answer.path("tasks").size();
                  if (queue.failures > 0) {
                    LOG.info("worker.polls worker={} queue={}", settings.name(), queue.queue);
                  }
                  queue.answered(tasks);
                  room += taken - tasks;
                  taker.accept(answer);
                },
                cause -> {
                  room += taken;
                  rest(queue, cause);
                });
  }

  private void rest(QueuePoll queue, Throwable cause) {
    if (closed) {
      return;
    }
    queue.failed();
    if (isRefused(cause)) {
      if (queue.mayComplain(System.nanoTime())) {
        LOG.error(
            "worker.poll_refused worker={} queue={} cause={}",
            settings.name(),
            queue.queue,
            cause.toString());
      }
    } else if (queue.failures == 1) {
      LOG.warn(
          "worker.cannot_poll worker={} queue={} cause={}",
          settings.name(),
          queue.queue,
          cause.toString());
    }
    wake(queue, Retry.rest(cause, queue.failures));
  }

  private void wake(QueuePoll queue, Duration after) {
    vertx.setTimer(
        after.toMillis(),
        id -> {
          queue.resting = false;
          fill(false);
        });
  }

  /** Whether it is the worker, and not the service, that something is wrong with. */
  private static boolean isRefused(Throwable cause) {
    return cause instanceof ProblemException problem
        && problem.status() / 100 == 4
        && problem.status() != 429;
  }

  /** How the polling of one queue stands. */
  private static final class QueuePoll {
    final String queue;
    Future<JsonNode> call = Future.succeededFuture();

    /** After a failure or a rejected task, until its time is over. */
    boolean resting;

    /** When its last poll was made, counted in polls of the worker. */
    long turn;

    /** The last answer brought no task. */
    boolean quiet = true;

    /** In a row. */
    int failures;

    /** Of its tasks by the executor, in a row. */
    int rejections;

    /** When a refusal was last told of. */
    @Nullable Long complaint;

    QueuePoll(String queue) {
      this.queue = queue;
    }

    boolean isIdle() {
      return !resting && call.isComplete();
    }

    void answered(int tasks) {
      quiet = tasks == 0;
      failures = 0;
    }

    void failed() {
      resting = true;
      failures++;
    }

    /** Whether the last time is long enough ago, which makes this the last time. */
    boolean mayComplain(long now) {
      if (complaint != null && now - complaint < COMPLAINTS.toNanos()) {
        return false;
      }
      complaint = now;
      return true;
    }
  }
}
