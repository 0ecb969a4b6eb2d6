package dev.postrider.timer;

import dev.postrider.metrics.Metrics;
import dev.postrider.store.Duties;
import io.vertx.core.Future;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts on the near timers: what waited is dispatched, what ran out of time is ended or tried again.
 */
final class Reaper implements Duty {
  private static final Logger LOG = LoggerFactory.getLogger(Reaper.class);

  private final Duties duties;
  private final int partition;
  private final Rest rest;
  private final Metrics metrics;

  Reaper(Duties duties, int partition, Rest rest, Metrics metrics) {
    this.duties = duties;
    this.partition = partition;
    this.rest = rest;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "reaper";
  }

  @Override
  public Future<Duration> run() {
    return duties.reap(partition).map(this::after);
  }

  private Duration after(Duties.Pass pass) {
    if (pass.acted() > 0) {
      metrics.dutyActed(name(), pass.acted());
      LOG.debug("timers.acted partition={} count={}", partition, pass.acted());
    }
    return rest.after(pass);
  }
}
