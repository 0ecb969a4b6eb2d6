package dev.postrider.timer;

import dev.postrider.store.Duties;
import io.vertx.core.Future;
import java.time.Duration;

/** Says again and again that this node is alive. */
final class Liveness implements Duty {
  private final Duties duties;
  private final int partition;
  private final Duration period;

  Liveness(Duties duties, int partition, Duration period) {
    this.duties = duties;
    this.partition = partition;
    this.period = period;
  }

  @Override
  public String name() {
    return "liveness";
  }

  @Override
  public Future<Duration> run() {
    return duties.renew(partition).map(period);
  }
}
