package dev.postrider.timer;

import io.vertx.core.Future;
import java.time.Duration;

/** Work that time makes due. */
public interface Duty {
  /** What it is called in logs. */
  String name();

  /**
   * Makes one bounded pass.
   *
   * @return how long to rest before the next one; zero = there is more to do at once
   */
  Future<Duration> run();
}
