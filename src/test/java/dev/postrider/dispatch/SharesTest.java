package dev.postrider.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.postrider.job.TaskQueue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharesTest {
  private static final List<PollRequest.Share> QUEUES =
      List.of(share("a", 3), share("b", 2), share("c", 1));

  private final Shares shares = new Shares(new Random(1));

  private static PollRequest.Share share(String queue, double weight) {
    return new PollRequest.Share(new TaskQueue("default", queue), weight);
  }

  private Map<String, Integer> divided(int tasks, List<PollRequest.Share> queues, double point) {
    Map<String, Integer> given = new HashMap<>();
    shares
        .divide(tasks, queues, PollRequest.Share::weight, point)
        .forEach(part -> given.put(part.queue().queue().name(), part.tasks()));
    return given;
  }

  @Test
  void manyTasksAreDividedByWeight() {
    assertThat(divided(60, QUEUES, 0.7)).isEqualTo(Map.of("a", 30, "b", 20, "c", 10));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 7, 1000})
  void everyTaskIsGivenOnceAtEveryPoint(int tasks) {
    for (double point = 0; point < 1; point += 0.01) {
      Map<String, Integer> given = divided(tasks, QUEUES, point);
      assertThat(given.values().stream().mapToInt(n -> n).sum()).isEqualTo(tasks);
      for (PollRequest.Share share : QUEUES) {
        double exact = tasks * share.weight() / 6;
        assertThat((double) given.getOrDefault(share.queue().name(), 0))
            .isCloseTo(exact, within(1.0));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void theSharesComeOutRightAfterFewPolls(int tasks) {
    Map<String, Integer> given = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      divided(tasks, QUEUES, shares.next(QUEUES))
          .forEach((q, n) -> given.merge(q, n, Integer::sum));
    }

    assertThat(given.get("a")).isCloseTo(30 * tasks, within(2 * tasks));
    assertThat(given.get("b")).isCloseTo(20 * tasks, within(2 * tasks));
    assertThat(given.get("c")).isCloseTo(10 * tasks, within(2 * tasks));
  }

  @Test
  void weightsMayBeFarApart() {
    List<PollRequest.Share> queues = List.of(share("a", 0.001), share("b", 1000));
    int ofA = 0;
    for (int i = 0; i < 2_000_000; i++) {
      ofA += divided(1, queues, shares.next(queues)).getOrDefault("a", 0);
    }

    assertThat(ofA).isBetween(1, 4);
  }

  @Test
  void whoIsAskedFirstIsAMatterOfWeight() {
    int first = 0;
    for (int i = 0; i < 6000; i++) {
      var parts = shares.divide(6, QUEUES, PollRequest.Share::weight, 0.5);
      first += parts.get(0).queue().queue().name().equals("a") ? 1 : 0;
    }

    assertThat(first).isCloseTo(3000, within(200));
  }
}
