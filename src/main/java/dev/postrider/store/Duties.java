package dev.postrider.store;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * The work of time. Each call is one bounded, atomic pass over one partition by the store's clock,
 * so any number of nodes may make them at once.
 */
public interface Duties {
  int partitions();

  /** Acts on what is due: dispatches what waited, ends attempts and jobs whose timeouts ran out. */
  Future<Pass> reap(int partition);

  /**
   * Brings deadlines within a minute into the near timers; deletes what was closed long enough ago.
   */
  Future<Pass> expire(int partition);

  /** Ends the built-in deliveries of nodes that are no longer alive. */
  Future<Pass> lapse(int partition);

  /** Says that this node is alive for the next {@link #LIVENESS}. */
  Future<Void> renew(int partition);

  /** Says that this node is gone, its leases handed back before. */
  Future<Void> leave(int partition);

  /** Brings the event log back within its bytes. */
  Future<Pass> trim(int partition);

  /** How long a node counts as alive after it last said so. */
  Duration LIVENESS = Duration.ofSeconds(6);

  /**
   * What a pass did.
   *
   * @param acted how many runs were moved
   * @param more the pass stopped at its bound: there is more to do at once
   * @param nextIn how long until there is something to do; {@link #NEVER} = nothing is waiting
   */
  record Pass(int acted, boolean more, Duration nextIn) {
    public static final Duration NEVER = Duration.ofDays(36500);
  }
}
