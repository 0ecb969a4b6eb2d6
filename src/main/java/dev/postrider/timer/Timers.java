package dev.postrider.timer;

import dev.postrider.metrics.Metrics;
import dev.postrider.store.Duties;
import dev.postrider.store.TimerListener;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Every duty of time of one node, with its period; one loop per duty and partition, on the Vert.x
 * context that makes this.
 *
 * <p>A moment is acted on within a few milliseconds where the node that set it is alive: it is told
 * by {@link TimerListener} and makes a pass right then. Other nodes notice it at their next pass.
 */
public final class Timers implements TimerListener {
  /** A timer that no living node was told about is late by this at most. */
  private static final Rest REAP = new Rest(Duration.ZERO, Duration.ofSeconds(1));

  /**
   * A deadline is brought near a minute before it is due, a closed job may stay a little longer.
   */
  private static final Rest EXPIRE = new Rest(Duration.ofMillis(200), Duration.ofSeconds(10));

  /** Well below two seconds: a pass later than that takes the pause for an outage. */
  private static final Rest LAPSE = new Rest(Duration.ofSeconds(1), Duration.ofSeconds(1));

  /** The log grows over its bytes in between, by what is written in this time. */
  private static final Rest TRIM = new Rest(Duration.ofSeconds(5), Duration.ofSeconds(5));

  /** A third of {@link Duties#LIVENESS}: two may be lost. */
  private static final Duration RENEW = Duration.ofSeconds(2);

  private final Duties duties;
  private final List<Loop> reapers = new ArrayList<>();
  private final List<Loop> others = new ArrayList<>();
  private final List<Loop> liveness = new ArrayList<>();

  public Timers(Vertx vertx, Duties duties, Metrics metrics) {
    this.duties = duties;
    for (int p = 0; p < duties.partitions(); p++) {
      reapers.add(new Loop(vertx, new Reaper(duties, p, REAP, metrics)));
      others.add(new Loop(vertx, new Janitor(duties, p, EXPIRE, metrics)));
      others.add(new Loop(vertx, new LivenessWatch(duties, p, LAPSE, metrics)));
      others.add(new Loop(vertx, new EventTrimmer(duties, p, TRIM, metrics)));
      liveness.add(new Loop(vertx, new Liveness(duties, p, RENEW)));
    }
  }

  /**
   * Starts every loop.
   *
   * @return succeeds when this node counts as alive everywhere
   */
  public Future<Void> start() {
    List<Future<Void>> alive = new ArrayList<>();
    for (int p = 0; p < duties.partitions(); p++) {
      alive.add(duties.renew(p));
    }
    return Future.all(alive)
        .onSuccess(
            ignored -> {
              liveness.forEach(Loop::start);
              reapers.forEach(Loop::start);
              others.forEach(Loop::start);
            })
        .mapEmpty();
  }

  @Override
  public void armed(int partition, Duration in) {
    reapers.get(partition).wakeBy(in);
  }

  /**
   * Stops acting; the node still counts as alive, for the deliveries it has in flight.
   *
   * @return succeeds when the running passes are over
   */
  public Future<Void> stop() {
    List<Future<Void>> stops = new ArrayList<>();
    reapers.forEach(loop -> stops.add(loop.stop()));
    others.forEach(loop -> stops.add(loop.stop()));
    return Future.join(stops).mapEmpty();
  }

  /** Says that this node is gone, once its leases are handed back. */
  public Future<Void> leave() {
    List<Future<Void>> stops = liveness.stream().map(Loop::stop).toList();
    return Future.join(stops)
        .compose(
            ignored -> {
              List<Future<Void>> left = new ArrayList<>();
              for (int p = 0; p < duties.partitions(); p++) {
                left.add(duties.leave(p));
              }
              return Future.join(left);
            })
        .mapEmpty();
  }
}
