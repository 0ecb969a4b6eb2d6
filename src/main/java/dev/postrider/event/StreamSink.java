package dev.postrider.event;

import io.vertx.core.Future;

/** Where a job's stream sends its frames. */
public interface StreamSink {
  void send(StreamFrame frame);

  /**
   * Succeeds when there is room for more. A stream that catches up with a listener's past waits for
   * it; live events do not.
   */
  Future<Void> ready();
}
