package dev.postrider.dispatch;

import dev.postrider.job.TaskQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes polls of several queues for tests. */
final class PollRequests {
  private PollRequests() {}

  /** Queues a, b and so on. */
  static PollRequest weighted(int maxTasks, double... weights) {
    return request(false, maxTasks, "w", null, weights);
  }

  static PollRequest strict(int maxTasks, int queues) {
    double[] weights = new double[queues];
    Arrays.fill(weights, 1);
    return request(true, maxTasks, "w", null, weights);
  }

  static PollRequest request(
      boolean strict, int maxTasks, String worker, @Nullable Double rate, double... weights) {
    List<PollRequest.Share> queues = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      String name = Character.toString('a' + i);
      queues.add(new PollRequest.Share(new TaskQueue("default", name), weights[i]));
    }
    return new PollRequest(queues, strict, worker, maxTasks, rate);
  }
}
