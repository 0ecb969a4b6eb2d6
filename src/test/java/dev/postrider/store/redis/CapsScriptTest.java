package dev.postrider.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.postrider.job.IdConflictPolicy;
import dev.postrider.job.IdReusePolicy;
import dev.postrider.job.StartPolicies;
import dev.postrider.testing.Starts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in flight and what waits for a slot ({@code lib/flight.lua}, {@code lib/lease.lua}). */
class CapsScriptTest extends ScriptTest {
  private int made;

  private List<String> lease(int count) {
    return ids(lease("c" + made++, count));
  }

  private String call() {
    return "c" + (made - 1);
  }

  private void assertNothingLeaked() {
    assertThat(keyspace().keys().keySet()).noneMatch(key -> key.matches("(n|pk|wd|wk):.*"));
    assertThat(part("q:default/mail", "in")).isEqualTo("0");
  }

  private void assertParked(String... limits) {
    assertThat(keyspace().keys().getOrDefault("pk:default/mail", Map.of()))
        .containsOnlyKeys(limits);
  }

  /** Ends the attempt of {@code a} in one way or another. */
  private void end(String how) {
    switch (how) {
      case "complete" -> complete("a", 1, call(), "-");
      case "complete by id" -> run(Scripts.COMPLETE_BY_ID, "a", "", "", "", "-");
      case "fail" -> fail("a", 1, call());
      case "fail for good" -> fail("a", 1, call(), "bad", "n");
      case "fail by id" -> run(Scripts.FAIL_BY_ID, "a", "", "", "", "bad", "", "<bad>");
      case "terminate" -> control(Scripts.TERMINATE, "a", "", "");
      case "delete" -> run(Scripts.DELETE, "a", "");
      case "time out" -> {
        at(10_000);
        reap();
      }
      case "be replaced" ->
          start(
              Starts.job("a")
                  .on("sms")
                  .policies(
                      new StartPolicies(
                          IdConflictPolicy.TERMINATE_EXISTING,
                          IdReusePolicy.ALLOW_DUPLICATE,
                          false))
                  .build(),
              "a2");
      default -> throw new IllegalArgumentException(how);
    }
  }

  static Stream<String> ends() {
    return Stream.of(
        "complete",
        "complete by id",
        "fail",
        "fail for good",
        "fail by id",
        "terminate",
        "delete",
        "time out",
        "be replaced");
  }

  @ParameterizedTest
  @MethodSource("ends")
  void aFullDestination_waitsForASlot(String how) {
    limit("dmax", 1);
    start(
        Starts.job("a").to("x"), Starts.job("b").to("x"), Starts.job("c").to("x").fairness("k", 1));
    assertThat(lease(9)).containsExactly("a");
    String first = call();
    assertThat(lease(9)).isEmpty();
    assertParked("dx");
    made = Integer.parseInt(first.substring(1)) + 1;
    end(how);
    made += 10;
    assertParked("dx");
    assertThat(lease(9)).hasSize(1).isSubsetOf("b", "c");
    drain();
    assertNothingLeaked();
  }

  @ParameterizedTest
  @MethodSource("ends")
  void aFullKey_waitsForASlot(String how) {
    limit("kmax", 1);
    start(
        Starts.job("a").fairness("k", 1), Starts.job("b").fairness("k", 1),
        Starts.job("c").fairness("k", 1).priority(5), Starts.job("d").fairness("other", 1));
    assertThat(lease(9)).containsExactlyInAnyOrder("a", "d");
    String first = call();
    assertThat(lease(9)).isEmpty();
    assertParked("kk", "kother");
    made = Integer.parseInt(first.substring(1)) + 1;
    end(how);
    made += 10;
    assertThat(part("pk:default/mail", "kk")).isNull();
    assertThat(lease(9)).containsExactly("b");
    drain();
    assertNothingLeaked();
  }

  @ParameterizedTest
  @MethodSource("ends")
  void aFullQueue_waitsForASlot(String how) {
    limit("max", 1);
    start(Starts.job("a"), Starts.job("b"));
    assertThat(lease(9)).containsExactly("a");
    end(how);
    made += 10;
    assertThat(lease(9)).containsExactly("b");
    drain();
    assertNothingLeaked();
  }

  /** Leases and completes until nothing is left that a worker could take. */
  private void drain() {
    for (String id : List.copyOf(open())) {
      run(Scripts.COMPLETE_BY_ID, id, "", "", "", "-");
    }
    lease(9);
  }

  private List<String> open() {
    List<String> ids = new ArrayList<>();
    keyspace()
        .keys()
        .forEach(
            (key, record) -> {
              if (key.startsWith("j:default/") && "SWPRc".contains(record.get("state"))) {
                ids.add(key.substring("j:default/".length()));
              }
            });
    return ids;
  }

  @Test
  void aHandedBackTask_takesItsSlotAgainFirst() {
    limit("dmax", 1);
    start(Starts.job("a").to("x"), Starts.job("b").to("x"));
    lease(9);
    String first = call();
    assertThat(lease(9)).isEmpty();
    handBack("a", 1, first);
    assertThat(lease(9)).containsExactly("a");
  }

  @Test
  void aCanceledDelivery_freesItsSlot() {
    limit("dmax", 1);
    start(Starts.job("a").to("x"), Starts.job("b").to("x"));
    leaseBuiltIn("one", 1);
    assertThat(lease(9)).isEmpty();
    control(Scripts.CANCEL, "a", "", "");
    assertThat(lease(9)).containsExactly("b");
  }

  @Test
  void theDeliveriesOfANodeThatIsGone_freeTheirSlots() {
    limit("dmax", 1);
    start(Starts.job("a").to("x"), Starts.job("b").to("x"));
    leaseBuiltIn("one", 1);
    assertThat(lease(9)).isEmpty();
    run(Scripts.LAPSE, List.of(), "100");
    run(Scripts.RENEW, List.of(), "n1", "gone");
    run(Scripts.LAPSE, List.of(), "100");
    assertThat(lease(9)).hasSize(1);
  }

  @Test
  void aFreedSlot_wakes() {
    limit("dmax", 1);
    start(Starts.job("a").to("x"), Starts.job("b").to("x"));
    lease(9);
    lease(9);
    complete("a", 1, "c0", "-");
    assertThat(wakes()).containsExactly("> qdefault/mail");
  }

  @Test
  void asManyAsTheLimitGives_areInFlight() {
    limit("dmax", 3);
    for (int i = 0; i < 5; i++) {
      start(Starts.job("x" + i).to("x"), Starts.job("y" + i).to("y"));
    }
    assertThat(lease(20)).hasSize(6);
    assertThat(part("n:default/mail", "dx")).isEqualTo("3");
    assertThat(part("n:default/mail", "dy")).isEqualTo("3");
  }

  @Test
  void oneHangingDestination_delaysNoOther() {
    limit("dmax", 2);
    for (int i = 0; i < 10; i++) {
      start(Starts.job("x" + i).to("x"));
    }
    for (int i = 0; i < 3; i++) {
      start(Starts.job("y" + i).to("y").fairness("k" + i, 1));
    }
    assertThat(lease(20))
        .hasSize(4)
        .contains("x0", "x1")
        .filteredOn(id -> id.startsWith("y"))
        .hasSize(2);
  }

  @Test
  void theKeysThatWaitForADestination_comeBackInOrderOfTheirTurns() {
    limit("dmax", 1);
    start(
        Starts.job("a").to("x"),
        Starts.job("b").to("x").fairness("b", 1),
        Starts.job("c").to("x").fairness("c", 1));
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      List<String> got = lease(9);
      order.addAll(got);
      complete(got.get(0), 1, call(), "-");
    }
    assertThat(order).containsExactly("a", "b", "c");
    lease(9);
    assertNothingLeaked();
  }

  @Test
  void aWaitingLaneWhoseJobsAreGone_doesNotKeepTheSlot() {
    limit("dmax", 1);
    start(
        Starts.job("a").to("x"),
        Starts.job("b").to("x").fairness("b", 1),
        Starts.job("c").to("x").fairness("c", 1));
    lease(9);
    lease(9);
    control(Scripts.TERMINATE, "b", "", "");
    complete("a", 1, "c0", "-");
    List<String> got = new ArrayList<>(lease(9));
    got.addAll(lease(9));
    assertThat(got).containsExactly("c");
  }

  @Test
  void aKeyUnderItsOwnCap_doesNotKeepASlotOfADestination() {
    limit("dmax", 1);
    limit("kmax", 1);
    start(
        Starts.job("a").to("x").fairness("a", 1),
        Starts.job("b1").to("y").fairness("b", 1),
        Starts.job("b2").to("x").fairness("b", 1),
        Starts.job("c").to("x").fairness("c", 1));
    assertThat(lease(2)).containsExactlyInAnyOrder("a", "b1");
    String first = call();
    assertThat(lease(9)).isEmpty();
    complete("a", 1, first, "-");
    List<String> got = new ArrayList<>(lease(9));
    got.addAll(lease(9));
    assertThat(got).containsExactly("c");
  }

  @Test
  void aKeyThatComesBack_takesTurnsWithThoseThatCameMeanwhile() {
    manyCalls = true;
    limit("dmax", 1);
    startAll(
        IntStream.range(0, 60)
            .mapToObj(i -> Starts.job("a" + i).to("x").fairness("a", 1))
            .toList());
    for (int i = 0; i < 30; i++) {
      complete(lease(1).get(0), 1, call(), "-");
    }
    lease(1);
    String held = call();
    assertThat(lease(1)).isEmpty();
    assertThat(lease(1)).isEmpty();
    startAll(IntStream.range(0, 60).mapToObj(i -> Starts.job("b" + i).fairness("b", 1)).toList());
    complete("a30", 1, held, "-");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String id = lease(1).get(0);
      ids.add(id);
      complete(id, 1, call(), "-");
    }
    assertThat(ids).filteredOn(id -> id.startsWith("a")).hasSizeBetween(4, 6);
  }

  @Test
  void aNewJobForAFullDestination_waitsToo() {
    limit("dmax", 1);
    start(Starts.job("a").to("x"));
    lease(9);
    start(Starts.job("b").to("x"));
    assertThat(lease(9)).isEmpty();
    assertParked("dx");
    complete("a", 1, "c0", "-");
    assertThat(lease(9)).containsExactly("b");
  }

  @Test
  void theNodesOwnCap_countsWhereTheQueueSetsNone() {
    start(Starts.job("a").to("x"), Starts.job("b").to("x"), Starts.job("c").to("x"));
    lease("one", "default/mail", 9, "postrider/n1", "b", "2", "");
    assertThat(part("n:default/mail", "dx")).isEqualTo("2");
    assertThat(part("q:default/mail", "dmax0")).isEqualTo("2");
    limit("dmax", 3);
    complete("a", 1, "one", "-");
    lease(9);
    assertThat(part("n:default/mail", "dx")).isEqualTo("2");
  }

  @Test
  void aHundredThousandParkedLanes_costAnEmptyLeaseNothing() {
    assumeTrue(partitions == 1, "once is enough");
    manyCalls = true;
    limit("dmax", 1);
    start(Starts.job("first").to("x"));
    lease(1);
    List<Map<String, Long>> costs = new ArrayList<>();
    int keys = 0;
    for (int lanes : new int[] {1_000, 100_000}) {
      while (keys < lanes) {
        int from = keys;
        startAll(
            IntStream.range(from, from + 200)
                .mapToObj(i -> Starts.job("j" + i).to("x").fairness("k" + i, 1))
                .toList());
        keys += 200;
      }
      while (!"{leased, {{leased, 0, +0}}}".equals(reply())) {
        lease(200);
      }
      assertThat(redis.text("ZCARD", key("wd:default/mail\t3x"))).isEqualTo(String.valueOf(lanes));
      redis.call("CONFIG", "RESETSTAT");
      lease(200);
      costs.add(commands());
    }
    assertThat(costs.get(1)).isEqualTo(costs.get(0));
    redis.call("FLUSHALL");
  }

  /** How often each command was called since the last reset. */
  private Map<String, Long> commands() {
    Map<String, Long> calls = new TreeMap<>();
    for (String line : redis.text("INFO", "commandstats").split("\r\n", -1)) {
      Matcher stat = Pattern.compile("cmdstat_(.+):calls=(\\d+),.*").matcher(line);
      if (stat.matches() && !stat.group(1).startsWith("config")) {
        calls.put(stat.group(1), Long.valueOf(stat.group(2)));
      }
    }
    return calls;
  }

  /**
   * Random moves under all three caps: nothing leaks, and what is ready is handed out once nothing
   * holds it up.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whateverHappens_nothingLeaksAndNothingIsForgotten(long seed) {
    manyCalls = true;
    Random random = new Random(seed);
    limit("dmax", 1 + random.nextInt(2));
    limit("kmax", 1 + random.nextInt(3));
    limit("max", 3 + random.nextInt(3));
    Map<String, String> leased = new HashMap<>();
    for (int step = 0; step < 100; step++) {
      int what = random.nextInt(10);
      if (what < 4) {
        start(
            Starts.job("j" + step)
                .to(List.of("", "x", "y").get(random.nextInt(3)))
                .fairness(List.of("a", "b", "c").get(random.nextInt(3)), 1)
                .priority(1 + random.nextInt(2)));
      } else if (what < 6) {
        lease(1 + random.nextInt(3)).forEach(id -> leased.put(id, call()));
      } else if (!leased.isEmpty() && what < 8) {
        String id = leased.keySet().iterator().next();
        String nonce = leased.remove(id);
        if (random.nextBoolean()) {
          complete(id, 1, nonce, "-");
        } else {
          handBack(id, 1, nonce);
        }
      } else {
        String id = "j" + random.nextInt(step + 1);
        control(Scripts.TERMINATE, id, "", "");
        leased.remove(id);
      }
      if (step % 10 == 9) {
        assertThat(Invariants.brokenIn(keyspace())).as("step " + step).isEmpty();
      }
    }
    int idle = 0;
    while (idle < 20 && !open().isEmpty()) {
      leased.forEach((id, nonce) -> complete(id, 1, nonce, "-"));
      leased.clear();
      lease(3).forEach(id -> leased.put(id, call()));
      idle = leased.isEmpty() ? idle + 1 : 0;
    }
    assertThat(open()).isEmpty();
    lease(9);
    assertNothingLeaked();
  }

  @Test
  void keysThatAreParked_passOnTheirPlacesWithinOneBound() {
    manyCalls = true;
    limit("kmax", 1);
    limit("dmax", 50);
    List<Starts> jobs = new ArrayList<>();
    for (int i = 0; i < 12 * 120; i++) {
      jobs.add(Starts.job("j" + i).fairness("k" + i % 12, 1).to("http://d" + i / 12 + ":80"));
    }
    for (int i = 0; i < jobs.size(); i += 180) {
      startAll(jobs.subList(i, i + 180));
    }
    assertThat(lease(12)).hasSize(12);
    redis.call("CONFIG", "RESETSTAT");
    assertThat(lease(200)).isEmpty();
    Matcher looks =
        Pattern.compile("cmdstat_zscore:calls=(\\d+)")
            .matcher(redis.call("INFO", "commandstats").toString());
    assertThat(looks.find()).isTrue();
    assertThat(Integer.parseInt(looks.group(1))).isLessThan(1_100);
  }
}
