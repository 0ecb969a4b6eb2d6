package dev.postrider.timer;

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

  Janitor(Duties duties, int partition, Rest rest) {
    this.duties = duties;
    this.partition = partition;
    this.rest = rest;
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
      LOG.debug("janitor.acted partition={} count={}", partition, pass.acted());
    }
    return rest.after(pass);
  }
}
