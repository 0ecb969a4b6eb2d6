package dev.postrider.timer;

import dev.postrider.metrics.Metrics;
import dev.postrider.store.Duties;
import io.vertx.core.Future;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings far deadlines near in time, and deletes what was closed long enough ago. */
final class Janitor implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(Janitor.class);

  private final Duties duties;
  private final int partition;
  private final Rest rest;
  private final Metrics metrics;

  Janitor(Duties duties, int partition, Rest rest, Metrics metrics) {
    this.duties = duties;
    this.partition = partition;
    this.rest = rest;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "janitor";
  }

  @Override
  public Future<Duration> run() {
    return duties.expire(partition).map(this::after);
  }

  private Duration after(Duties.Pass pass) {
    if (pass.acted() > 0) {
      metrics.dutyActed(name(), pass.acted());
      LOG.debug("janitor.acted partition={} count={}", partition, pass.acted());
    }
    return rest.after(pass);
  }
}
