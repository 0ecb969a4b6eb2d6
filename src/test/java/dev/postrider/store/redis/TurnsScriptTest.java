package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.testing.Starts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whose turn it is: priorities, fairness keys, weights and destinations ({@code lib/ring.lua},
 * {@code lib/turns.lua}).
 */
class TurnsScriptTest extends ScriptTest {
  private int made;

  private List<Starts> jobs(int count, String key, double weight) {
    return IntStream.range(0, count)
        .mapToObj(i -> Starts.job(key + made++).fairness(key, weight))
        .toList();
  }

  private List<String> leaseAll(int calls, int each) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      ids.addAll(ids(lease("c" + made++, each)));
    }
    return ids;
  }

  private static Map<String, Integer> shares(List<String> ids) {
    Map<String, Integer> shares = new HashMap<>();
    ids.forEach(id -> shares.merge(id.replaceAll("[0-9]+$", ""), 1, Integer::sum));
    return shares;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 50, 200})
  void weights_shareTheTurns(int each) {
    manyCalls = true;
    startAll(jobs(200, "a", 3));
    startAll(jobs(200, "a", 3));
    startAll(jobs(200, "b", 2));
    startAll(jobs(200, "c", 1));
    Map<String, Integer> shares = shares(leaseAll(600 / each, each));
    int leased = 600 / each * each;
    assertThat(shares.get("a")).isBetween(leased / 2 - 3, leased / 2 + 3);
    assertThat(shares.get("b")).isBetween(leased / 3 - 3, leased / 3 + 3);
    assertThat(shares.get("c")).isBetween(leased / 6 - 3, leased / 6 + 3);
  }

  @Test
  void aChangedWeight_countsForTheBacklogAtOnce() {
    manyCalls = true;
    startAll(jobs(100, "a", 1));
    startAll(jobs(100, "b", 1));
    assertThat(shares(leaseAll(20, 1))).containsEntry("a", 10).containsEntry("b", 10);
    startAll(jobs(1, "a", 4));
    Map<String, Integer> shares = shares(leaseAll(50, 1));
    assertThat(shares.get("a")).isBetween(39, 41);
  }

  @Test
  void priorities_areStrict() {
    start(
        Starts.job("e").priority(5),
        Starts.job("c1").priority(3),
        Starts.job("a").priority(1),
        Starts.job("c2").priority(3),
        Starts.job("b").priority(2),
        Starts.job("d").priority(4));
    assertThat(leaseAll(6, 1)).containsExactly("a", "b", "c1", "c2", "d", "e");
  }

  @Test
  void oneCall_goesThroughThePriorities() {
    start(Starts.job("c").priority(3), Starts.job("a").priority(1), Starts.job("b").priority(2));
    assertThat(ids(lease("call", 9))).containsExactly("a", "b", "c");
  }

  @Test
  void anIdleKey_gainsNoCredit() {
    manyCalls = true;
    startAll(jobs(100, "a", 1));
    leaseAll(50, 1);
    startAll(jobs(50, "b", 1));
    assertThat(shares(leaseAll(20, 1))).containsEntry("a", 10).containsEntry("b", 10);
  }

  @Test
  void aKeyThatComesAndGoes_getsItsTurnAndNoMore() {
    manyCalls = true;
    startAll(jobs(100, "a", 1));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      if (redis.text("LLEN", key("l:default/mail\t3b\t")).equals("0")) {
        startAll(jobs(1, "b", 1));
      }
      ids.addAll(leaseAll(1, 1));
    }
    assertThat(shares(ids)).containsEntry("a", 30).containsEntry("b", 30);
  }

  @Test
  void aSmallKeyBesideABigOne_isDoneSoon() {
    manyCalls = true;
    startAll(jobs(200, "big", 1));
    startAll(jobs(200, "big", 1));
    startAll(jobs(10, "small", 1));
    assertThat(shares(leaseAll(20, 1))).containsEntry("small", 10);
  }

  @Test
  void theDestinationsOfAKey_takeTurns() {
    for (int i = 0; i < 3; i++) {
      start(Starts.job("x" + i).to("x"), Starts.job("y" + i).to("y"), Starts.job("n" + i));
    }
    assertThat(shares(leaseAll(3, 1))).isEqualTo(Map.of("x", 1, "y", 1, "n", 1));
    assertThat(shares(leaseAll(3, 1))).isEqualTo(Map.of("x", 1, "y", 1, "n", 1));
    assertThat(shares(leaseAll(1, 9))).isEqualTo(Map.of("x", 1, "y", 1, "n", 1));
  }

  @Test
  void aHugeDestination_delaysNoOtherOfItsKey() {
    manyCalls = true;
    startAll(IntStream.range(0, 200).mapToObj(i -> Starts.job("x" + i).to("x")).toList());
    leaseAll(50, 1);
    startAll(IntStream.range(0, 5).mapToObj(i -> Starts.job("y" + i).to("y")).toList());
    assertThat(shares(leaseAll(10, 1))).containsEntry("y", 5);
  }

  @Test
  void aDestinationBesideAPlainLane_sharesItsKeysTurns() {
    start(Starts.job("p0"), Starts.job("p1"), Starts.job("p2"));
    leaseAll(1, 1);
    start(Starts.job("x0").to("x"), Starts.job("x1").to("x"));
    assertThat(shares(leaseAll(1, 4))).isEqualTo(Map.of("p", 2, "x", 2));
  }

  @Test
  void moreKeysThanACallLooksAt_areAllServed() {
    manyCalls = true;
    for (int i = 0; i < 500; i += 100) {
      int from = i;
      startAll(
          IntStream.range(0, 100)
              .mapToObj(j -> Starts.job("k" + (from + j)).fairness("k" + (from + j), 1))
              .toList());
    }
    assertThat(leaseAll(3, 200)).hasSize(500).doesNotHaveDuplicates();
  }

  @Test
  void aDrainedPriority_beginsAnew() {
    start(Starts.job("a").fairness("a", 1));
    leaseAll(2, 1);
    assertThat(keyspace().keys().get("q:default/mail")).doesNotContainKey("vt3");
    assertThat(keyspace().keys()).doesNotContainKey("r3:default/mail");
    start(Starts.job("b").fairness("b", 1));
    assertThat(leaseAll(1, 1)).containsExactly("b");
  }
}
