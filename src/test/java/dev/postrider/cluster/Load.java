package dev.postrider.cluster;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Numbered calls, several at a time, of which some may fail. */
final class Load implements AutoCloseable {

  private final int total;
  private final IntFunction<Reply> call;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  private Load(int total, IntFunction<Reply> call) {
    this.total = total;
    this.call = call;
  }

  /**
   * What became of one call.
   *
   * @param reply empty if the connection broke
   */
  record Outcome(int number, Optional<Reply> reply, Duration took) {

    boolean isAccepted() {
      return reply.map(Reply::isAccepted).orElse(false);
    }
  }

  /** Starts {@code total} calls, numbered from 0, as many at a time as {@code concurrency}. */
  static Load start(int total, int concurrency, IntFunction<Reply> call) {
    Load load = new Load(total, call);
    for (int i = 0; i < concurrency; i++) {
      Thread thread = new Thread(load::run, "load-" + i);
      thread.setDaemon(true);
      load.threads.add(thread);
      thread.start();
    }
    return load;
  }

  private void run() {
    for (int number = next.getAndIncrement();
        number < total && !stopped;
        number = next.getAndIncrement()) {
      long begun = System.nanoTime();
      Optional<Reply> reply;
      try {
        reply = Optional.of(call.apply(number));
      } catch (UncheckedIOException e) {
        reply = Optional.empty();
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      Outcome outcome = new Outcome(number, reply, took);
      outcomes.add(outcome);
      if (outcome.isAccepted()) {
        accepted.incrementAndGet();
      }
    }
  }

  /** How many calls were accepted until now. */
  int accepted() {
    return accepted.get();
  }

  /** Waits until all calls have been made. */
  Load awaitEnd(Duration bound) {
    Await.until("all calls were made", bound, () -> threads.stream().noneMatch(Thread::isAlive));
    return this;
  }

  /** Makes no further calls, and waits for those under way. */
  Load stop() {
    stopped = true;
    return awaitEnd(Duration.ofSeconds(90));
  }

  List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  List<Integer> acceptedNumbers() {
    return outcomes.stream().filter(Outcome::isAccepted).map(Outcome::number).toList();
  }

  /** How many outcomes there were by status; 0 stands for a broken connection. */
  Map<Integer, Integer> statuses() {
    Map<Integer, Integer> statuses = new TreeMap<>();
    outcomes.forEach(o -> statuses.merge(o.reply().map(Reply::status).orElse(0), 1, Integer::sum));
    return statuses;
  }

  Duration slowest() {
    return outcomes.stream().map(Outcome::took).max(Duration::compareTo).orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
  }
}
