package dev.postrider.dispatch;

import static dev.postrider.dispatch.PollRequests.request;
import static dev.postrider.dispatch.PollRequests.strict;
import static dev.postrider.dispatch.PollRequests.weighted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.postrider.job.Task;
import dev.postrider.testing.RedisExtension;
import dev.postrider.testing.RedisServer;
import dev.postrider.testing.Starts;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** From which of its queues a poll is given what, while there is something to give. */
@ExtendWith({VertxExtension.class, RedisExtension.class})
class SeveralQueuesTest {
  private DispatchRig rig;

  @BeforeEach
  void open(Vertx vertx, RedisServer redis) {
    rig = new DispatchRig(vertx, redis);
  }

  private Map<String, Integer> given(PollRequest request, int polls) {
    Map<String, Integer> given = new HashMap<>();
    for (int i = 0; i < polls; i++) {
      List<Task> tasks = rig.tasksOf(rig.poll(request, Duration.ZERO));
      assertThat(tasks).hasSize(request.maxTasks());
      tasks.forEach(task -> given.merge(task.taskQueue().name(), 1, Integer::sum));
    }
    return given;
  }

  @Test
  void overManyPollsEachQueueGivesItsShare() {
    List.of("a", "b", "c").forEach(queue -> rig.backlog(queue, 200));
    int before = rig.calls("task/lease");

    Map<String, Integer> given = given(weighted(1, 3, 2, 1), 120);

    assertThat(given.get("a")).isCloseTo(60, within(2));
    assertThat(given.get("b")).isCloseTo(40, within(2));
    assertThat(given.get("c")).isCloseTo(20, within(2));
    assertThat(rig.calls("task/lease") - before).isEqualTo(120);
  }

  @Test
  void withinOnePollEachQueueGivesItsShare() {
    List.of("a", "b", "c").forEach(queue -> rig.backlog(queue, 100));
    int before = rig.calls("task/lease");

    assertThat(given(weighted(60, 3, 2, 1), 1)).isEqualTo(Map.of("a", 30, "b", 20, "c", 10));
    assertThat(rig.calls("task/lease") - before).as("two at most are under way").isLessThan(3);
  }

  @Test
  void aQueueWithNothingLeavesItsShareToTheOthers() {
    rig.backlog("b", 200);
    rig.backlog("c", 200);

    Map<String, Integer> given = given(weighted(1, 3, 2, 1), 150);

    // half of them were to be a's and are divided by chance: five standard deviations
    assertThat(given.get("b")).isCloseTo(100, within(21));
    assertThat(given(weighted(60, 3, 2, 1), 1).get("b")).isCloseTo(40, within(1));
  }

  @Test
  void whatAQueueHasLessThanItsShareTheOthersGive() {
    rig.backlog("a", 4);
    rig.backlog("b", 100);
    rig.backlog("c", 100);

    Map<String, Integer> given = given(weighted(60, 3, 2, 1), 1);

    assertThat(given.get("a")).isEqualTo(4);
    assertThat(given.get("b")).isCloseTo(37, within(2));
  }

  @Test
  void aPollForMoreThanThereIsIsGivenAll() {
    rig.backlog("a", 3);
    rig.backlog("c", 2);

    assertThat(rig.idsOf(rig.poll(weighted(100, 3, 2, 1), DispatchRig.LONG)))
        .containsExactlyInAnyOrder("a0", "a1", "a2", "c0", "c1");
  }

  @Test
  void inStrictOrderTheTasksOfTheFirstQueueComeFirst() {
    rig.backlog("c", 5);
    rig.backlog("b", 2);
    rig.backlog("a", 3);

    assertThat(rig.idsOf(rig.poll(strict(7, 3), DispatchRig.LONG)))
        .containsExactly("a0", "a1", "a2", "b0", "b1", "c0", "c1");
  }

  @Test
  void inStrictOrderALaterQueueIsNotAskedForWhatTheFirstGives() {
    rig.backlog("a", 20);
    rig.backlog("b", 20);
    int before = rig.calls("task/lease");

    for (int i = 0; i < 4; i++) {
      assertThat(rig.idsOf(rig.poll(strict(5, 2), DispatchRig.LONG)))
          .hasSize(5)
          .allMatch(id -> id.startsWith("a"));
    }
    assertThat(rig.calls("task/lease") - before).isEqualTo(4);
  }

  @Test
  void aWorkersRateHoldsOverAllTheQueues() {
    List.of("a", "b", "c").forEach(queue -> rig.backlog(queue, 50));
    PollRequest rated = request(false, 10, "slow", 2.0, 3, 2, 1);

    assertThat(rig.tasksOf(rig.poll(rated, Duration.ZERO))).hasSize(2);
    assertThat(rig.tasksOf(rig.poll(rated, Duration.ZERO))).isEmpty();
    Poll waiting = rig.poll(rated, DispatchRig.LONG);
    rig.settle();
    assertThat(waiting.isAnswered()).isFalse();
    rig.store.advance(Duration.ofMillis(500));
    assertThat(rig.tasksOf(waiting)).hasSize(1);
  }

  @Test
  void aWorkersRateIsUsedForEachOfTheQueues() {
    List.of("a", "b", "c").forEach(queue -> rig.backlog(queue, 100));
    PollRequest rated = request(false, 10, "slow", 1.0, 3, 2, 1);
    Map<String, Integer> given = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      rig.tasksOf(rig.poll(rated, Duration.ZERO))
          .forEach(task -> given.merge(task.taskQueue().name(), 1, Integer::sum));
      rig.store.advance(Duration.ofSeconds(1));
    }

    assertThat(given.values().stream().mapToInt(n -> n).sum()).isEqualTo(100);
    // by chance: five standard deviations
    assertThat(given.get("a")).isCloseTo(50, within(25));
    assertThat(given.get("c")).isCloseTo(17, within(16));
  }

  @Test
  void aPollIsGivenWhatFitsIntoItsAnswer(Vertx vertx, RedisServer redis) {
    DispatchRig narrow = new DispatchRig(vertx, redis, 10, 100, 100);
    for (String queue : List.of("a", "b")) {
      for (int i = 0; i < 4; i++) {
        Buffer input = Buffer.buffer("\"" + "x".repeat(38) + "\"");
        var job = Starts.job(queue + i).on(queue).input(input).build();
        narrow.store.await(() -> narrow.jobs.start(job));
      }
    }
    for (PollRequest request : List.of(weighted(8, 1, 1), strict(8, 2))) {
      List<Task> tasks = narrow.tasksOf(narrow.poll(request, DispatchRig.LONG));
      assertThat(tasks).hasSize(2);
    }
    for (int left = 4; left > 0; left--) {
      List<Task> tasks = narrow.tasksOf(narrow.poll(strict(1, 2), DispatchRig.LONG));
      assertThat(tasks).hasSize(1);
      assertThat(tasks.get(0).token().attempt()).isEqualTo(1);
    }
    assertThat(narrow.tasksOf(narrow.poll(strict(1, 2), Duration.ZERO))).isEmpty();
  }
}
