package dev.postrider;

import dev.postrider.config.LimitsConfig;
import dev.postrider.config.PostriderConfig;
import dev.postrider.dispatch.Wakeups;
import dev.postrider.metrics.Metrics;
import dev.postrider.redis.RedisConnector;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * What all event loops of one node share.
 *
 * @param name this node among those of one store
 * @param wakeups what the node hears, for each loop
 * @param pollPlaces how many polls may still be parked
 * @param waiterPlaces how many more calls may wait for a job to close
 * @param streamPlaces how many more event streams may be opened
 */
record Node(
    PostriderConfig config,
    String name,
    RedisConnector connector,
    Wakeups wakeups,
    Metrics metrics,
    Semaphore pollPlaces,
    Semaphore waiterPlaces,
    Semaphore streamPlaces) {

  static Node of(PostriderConfig config, String name, RedisConnector connector, Metrics metrics) {
    LimitsConfig limits = config.limits();
    Semaphore polls = new Semaphore(limits.maxParkedPolls());
    Semaphore waiters = new Semaphore(limits.maxResultWaiters());
    Semaphore streams = new Semaphore(limits.maxStreams());
    metrics.parkedPolls(taken(polls));
    metrics.resultWaiters(taken(waiters));
    metrics.openStreams(taken(streams));
    return new Node(config, name, connector, new Wakeups(), metrics, polls, waiters, streams);
  }

  private static Supplier<Number> taken(Semaphore places) {
    int all = places.availablePermits();
    return () -> all - places.availablePermits();
  }
}
