package dev.postrider;

import dev.postrider.config.PostriderConfig;
import dev.postrider.redis.RedisLink;
import dev.postrider.store.Duties;
import dev.postrider.store.EventLog;
import dev.postrider.store.JobStore;
import dev.postrider.store.QueueRegistry;
import dev.postrider.store.TaskQueues;
import dev.postrider.store.TimerListener;
import dev.postrider.store.redis.MeasuredRunner;
import dev.postrider.store.redis.RedisDuties;
import dev.postrider.store.redis.RedisEventLog;
import dev.postrider.store.redis.RedisJobStore;
import dev.postrider.store.redis.RedisQueueRegistry;
import dev.postrider.store.redis.RedisTaskQueues;
import dev.postrider.store.redis.ScriptRunner;
import dev.postrider.store.redis.StoreSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;

/** The store as one event loop uses it, over a link of its own. */
record LoopStore(
    RedisLink link,
    ScriptRunner runner,
    JobStore jobs,
    EventLog log,
    QueueRegistry registry,
    TaskQueues queues,
    Duties duties) {
  /** Longer, and the caller does better to hear of it and to call again. */
  private static final Duration RESEND_WITHIN = Duration.ofSeconds(2);

  /**
   * Opens it on the current event loop.
   *
   * @param loop unique within the node
   * @param timers is told of every timer that a call arms
   */
  static LoopStore open(Vertx vertx, Node node, String loop, TimerListener timers) {
    PostriderConfig config = node.config();
    RedisLink link = RedisLink.open(node.connector(), "postrider-" + loop);
    ScriptRunner runner = new MeasuredRunner(ScriptRunner.of(link), node.metrics());
    SecureRandom random = new SecureRandom();
    StoreSettings settings =
        new StoreSettings(
            config.partitions(),
            node.name(),
            loop,
            config.limits().maxAttemptsKept(),
            config.retention().closedJobs(),
            config.delivery().perDestination(),
            RESEND_WITHIN,
            null);
    return new LoopStore(
        link,
        runner,
        new RedisJobStore(vertx, runner, settings, random, timers),
        new RedisEventLog(vertx, runner, settings, random),
        new RedisQueueRegistry(vertx, runner, settings, random),
        new RedisTaskQueues(vertx, runner, settings, random, config.limits().maxQueueEntries()),
        new RedisDuties(vertx, runner, settings, random, config.events().maxBytes()));
  }

  /** Succeeds when Redis is reached for the first time. */
  Future<Void> up() {
    return link.firstUp().mapEmpty();
  }

  Future<Void> close() {
    return link.close();
  }
}
