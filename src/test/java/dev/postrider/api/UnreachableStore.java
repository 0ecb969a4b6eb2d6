package dev.postrider.api;

import dev.postrider.dispatch.Jobs;
import dev.postrider.dispatch.Queues;
import dev.postrider.dispatch.ReportLimits;
import dev.postrider.dispatch.Tasks;
import dev.postrider.event.EventTail;
import dev.postrider.event.JobStreams;
import dev.postrider.metrics.Metrics;
import dev.postrider.store.EventLog;
import dev.postrider.store.JobStore;
import dev.postrider.store.StoreUnavailableException;
import dev.postrider.store.TaskQueues;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;

/** A store that cannot be reached: whatever gets as far as asking it is answered with 503. */
final class UnreachableStore {

  private UnreachableStore() {}

  static ApiVerticle.Parts parts(Vertx vertx) {
    JobStore store = unreachable(JobStore.class);
    EventLog log = unreachable(EventLog.class);
    EventTail tail = new EventTail(vertx, log, listener -> () -> {});
    Semaphore places = new Semaphore(10);
    ReportLimits limits = new ReportLimits(1 << 20, 1 << 18, 1 << 14);
    return new ApiVerticle.Parts(
        new Jobs(vertx, store, tail, places, limits, 1000, new Metrics()),
        new Tasks(vertx, store, listener -> () -> {}, places, 16 << 20, limits, new Metrics()),
        new Queues(unreachable(TaskQueues.class)),
        new JobStreams(store, log, tail, places));
  }

  private static <T> T unreachable(Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getReturnType().equals(Future.class)) {
                return Future.failedFuture(
                    new StoreUnavailableException(
                        "refused: /secret/redis.sock", new IOException("no route to secret")));
              }
              return 0;
            }));
  }
}
