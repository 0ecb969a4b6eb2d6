package dev.postrider.dispatch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Divides the tasks of polls among their queues by weight. */
final class Shares {
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  private final Random random;

  /** Polls of the same queues go through the same one of these, maybe together with others. */
  private final double[] points = new double[64];

  Shares(Random random) {
    this.random = random;
    for (int i = 0; i < points.length; i++) {
      points[i] = random.nextDouble();
    }
  }

  /**
   * What a queue is to give.
   *
   * @param rank the lowest is the first
   */
  record Part<T>(T queue, int tasks, double rank) {}

  /**
   * The next point from 0 to 1 for polls of these queues. Steps of the golden ratio leave no gaps:
   * so the shares come out right after a few polls for one task each, where random points need
   * thousands.
   */
  double next(List<PollRequest.Share> queues) {
    int i = Math.floorMod(queues.hashCode(), points.length);
    points[i] = (points[i] + GOLDEN) % 1;
    return points[i];
  }

  /** A point that has nothing to do with the one before. */
  double any() {
    return random.nextDouble();
  }

  /**
   * Divides {@code tasks}. Each queue gives its share of them, rounded up or down so that it is
   * exact over all points. Their order is by chance and weight: where a rate of the worker ends
   * before its tasks do, the first are at an advantage.
   *
   * @param queues at least one
   * @return only those that are to give something
   */
  <T> List<Part<T>> divide(int tasks, List<T> queues, ToDoubleFunction<T> weight, double point) {
    double all = queues.stream().mapToDouble(weight).sum();
    List<Part<T>> parts = new ArrayList<>();
    double before = 0;
    int given = 0;
    for (T queue : queues) {
      before += weight.applyAsDouble(queue);
      boolean last = queue == queues.get(queues.size() - 1);
      int upTo = last ? tasks : Math.min(tasks, (int) (tasks * before / all + point));
      if (upTo > given) {
        double rank = -Math.log(1 - random.nextDouble()) / weight.applyAsDouble(queue);
        parts.add(new Part<>(queue, upTo - given, rank));
        given = upTo;
      }
    }
    parts.sort(Comparator.comparingDouble(Part::rank));
    return parts;
  }
}
