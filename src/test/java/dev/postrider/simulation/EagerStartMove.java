package dev.postrider.simulation;

import dev.postrider.store.EagerLeases;
import dev.postrider.store.JobStore;
import dev.postrider.store.LeaseRequest;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.StartResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Starts jobs while somebody on the loop waits for tasks of a queue. */
final class EagerStartMove extends Move<LeaseResult> {
  private final List<StartMove> starts;
  private final LeaseRequest request;
  private final LeaseMove lease;
  private final List<Future<StartResult>> started = new ArrayList<>();

  EagerStartMove(List<StartMove> starts, LeaseRequest request, int node) {
    super(starts + " while node " + node + " waits for " + Brief.of(request));
    this.starts = starts;
    this.request = request;
    this.lease = new LeaseMove(request, node, true);
  }

  @Override
  Future<LeaseResult> send(Rig rig, int node) {
    JobStore store = rig.store(node);
    List<Promise<LeaseResult>> asked = new ArrayList<>();
    store.takeAlong(
        queue -> {
          if (!queue.equals(request.queue()) || !asked.isEmpty()) {
            return Optional.empty();
          }
          Promise<LeaseResult> answer = Promise.promise();
          asked.add(answer);
          return Optional.of(new EagerLeases.Waiting(request, answer::handle));
        });
    starts.forEach(start -> started.add(start.send(rig, node)));
    return Future.all(started)
        .compose(
            all -> {
              store.takeAlong(EagerLeases.NONE);
              return asked.isEmpty()
                  ? Future.succeededFuture((LeaseResult) null)
                  : asked.get(0).future();
            });
  }

  @Override
  void follow(World world, @Nullable LeaseResult answer) {
    for (int i = 0; i < starts.size(); i++) {
      starts.get(i).follow(world, started.get(i).result());
    }
    if (answer != null) {
      lease.follow(world, answer);
    }
  }
}
