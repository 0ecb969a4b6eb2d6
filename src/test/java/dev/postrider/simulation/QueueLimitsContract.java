package dev.postrider.simulation;

import static dev.postrider.simulation.LimitsBuilder.limits;
import static dev.postrider.simulation.StartBuilder.aJob;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.job.QueueLimits;
import dev.postrider.job.RateLimit;
import dev.postrider.job.Task;
import dev.postrider.store.LeaseResult;
import dev.postrider.store.QueueDescription;
import dev.postrider.store.QueueDescription.OfFairnessKey;
import dev.postrider.store.UpdateLimitsResult;
import dev.postrider.store.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What limits a queue, independent of how the store keeps what it keeps.
 *
 * <p>Where the limits of keys and destinations are tried, all jobs are in one partition, and what
 * is set is that many times what is meant for it.
 */
abstract class QueueLimitsContract {
  private static final String ONE = "https://one.example:443";
  private StoreDriver store;
  private int made;

  /** A store, empty. */
  abstract Rig rig();

  @BeforeEach
  void open() {
    store = new StoreDriver(rig());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void start(int count, String key, String destination) {
    start(count, key, 1, destination);
  }

  private void start(int count, String key, double weight, String destination) {
    for (int i = 0; i < count; i++) {
      store.start(
          aJob(store.idInFirstPartition(made++)).priority(3, key, weight).to(destination));
    }
  }

  private static Map<String, Long> byKey(List<Task> tasks) {
    return tasks.stream()
        .collect(
            Collectors.groupingBy(t -> t.options().priority().fairnessKey(), Collectors.counting()));
  }

  private int leased() {
    return store.lease(1000).size();
  }

  /** A rate that gives its partition so many. */
  private double inEach(double perSecond) {
    return perSecond * store.partitions();
  }

  private int inEach(int bound) {
    return bound * store.partitions();
  }

  /** How one and the same rate is set for a queue, a fairness key, every key, a destination. */
  enum Scope {
    QUEUE,
    KEY,
    EVERY_KEY,
    DESTINATION
  }

  private void set(Scope scope, double perSecond, Integer burst) {
    Integer all = burst == null ? null : Integer.valueOf(inEach(burst));
    store.updateLimits(
        (switch (scope) {
              case QUEUE -> limits().rate(perSecond, burst);
              case KEY -> limits().key("a", inEach(perSecond), all);
              case EVERY_KEY -> limits().everyKey(inEach(perSecond), all);
              case DESTINATION -> limits().destination(ONE, inEach(perSecond), all);
            })
            .build());
  }

  private void remove(Scope scope) {
    store.updateLimits(
        (switch (scope) {
              case QUEUE -> limits().noRate();
              case KEY -> limits().noKey("a");
              case EVERY_KEY -> limits().noEveryKey();
              case DESTINATION -> limits().noDestination(ONE);
            })
            .build());
  }

  private Duration told(Scope scope) {
    Waits waits = store.leaseAll(1000).waits();
    return scope == Scope.QUEUE ? waits.queue() : waits.lanes();
  }

  @ParameterizedTest
  @EnumSource
  void aRateGivesItsBurstAtOnceAndThenOneAtATime(Scope scope) {
    set(scope, 2, 3);
    start(10, "a", ONE);
    assertThat(leased()).isEqualTo(3);
    for (int i = 0; i < 4; i++) {
      assertThat(told(scope)).isEqualTo(ofMillis(500));
      store.passOnly(ofMillis(499));
      assertThat(leased()).isZero();
      store.passOnly(ofMillis(1));
      assertThat(leased()).isEqualTo(1);
    }
    store.passOnly(ofSeconds(60));
    assertThat(leased()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void aBurstIsOneSecondsWorthIfNotSaid_andAtLeastOne(Scope scope) {
    set(scope, 4, null);
    start(20, "a", ONE);
    assertThat(leased()).isEqualTo(4);
    set(scope, 0.25, null);
    store.passOnly(ofSeconds(60));
    assertThat(leased()).isEqualTo(1);
    assertThat(told(scope)).isEqualTo(ofSeconds(4));
  }

  @ParameterizedTest
  @EnumSource
  void aRateOfZeroGivesNothing_andNoRateEverything(Scope scope) {
    set(scope, 0, null);
    start(10, "a", ONE);
    assertThat(told(scope)).isEqualTo(scope == Scope.QUEUE ? Waits.UNTIL_OPENED : null);
    store.passOnly(ofSeconds(60));
    assertThat(leased()).isZero();
    remove(scope);
    assertThat(leased()).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource
  void aChangedRateGoesOnFromWhatIsOwed(Scope scope) {
    set(scope, 0.5, 1);
    start(10, "a", ONE);
    assertThat(leased()).isEqualTo(1);
    store.passOnly(ofSeconds(1));
    assertThat(told(scope)).isEqualTo(ofSeconds(1));
    set(scope, 5, 1);
    assertThat(told(scope)).isEqualTo(ofMillis(100));
    store.passOnly(ofMillis(99));
    assertThat(leased()).isZero();
    store.passOnly(ofMillis(1));
    assertThat(leased()).isEqualTo(1);
    set(scope, 0.5, 1);
    assertThat(told(scope)).isEqualTo(ofSeconds(2));
    store.passOnly(ofMillis(1999));
    assertThat(leased()).isZero();
    store.passOnly(ofMillis(1));
    assertThat(leased()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aRaisedBurstIsGivenAtOnce(Scope scope) {
    set(scope, 0.5, 1);
    start(10, "a", ONE);
    assertThat(leased()).isEqualTo(1);
    set(scope, 0.5, 3);
    assertThat(leased()).isEqualTo(2);
    assertThat(told(scope)).isEqualTo(ofSeconds(2));
  }

  @ParameterizedTest
  @EnumSource
  void aClockThatGoesBackLiftsNoRate(Scope scope) {
    set(scope, 1, 2);
    start(10, "a", ONE);
    assertThat(leased()).isEqualTo(2);
    store.passOnly(ofMillis(-700));
    assertThat(leased()).isZero();
    store.passOnly(ofMillis(999));
    assertThat(leased()).isZero();
    store.passOnly(ofMillis(701));
    assertThat(leased()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsHandedBackCostsNoToken(Scope scope) {
    set(scope, 0.5, 2);
    start(10, "a", ONE);
    List<Task> tasks = store.lease(5);
    assertThat(tasks).hasSize(2);
    store.handBack(tasks.subList(0, 1));
    assertThat(leased()).isEqualTo(1);
    assertThat(leased()).isZero();
    store.passOnly(ofSeconds(1));
    store.handBack(tasks.subList(1, 2));
    store.passOnly(ofMillis(999));
    assertThat(leased()).isEqualTo(1);
  }

  @Test
  void theRateOfAQueueHoldsOverAllPartitionsAndNodes() {
    store.updateLimits(limits().rate(10, 4).build());
    IntStream.range(0, 60).forEach(i -> store.start(aJob("job-" + i)));
    int given = store.leaseAll(1000).tasks().size();
    assertThat(given).isEqualTo(4);
    for (int step = 1; step <= 40; step++) {
      store.passOnly(ofMillis(100));
      given += store.leaseAll(1000).tasks().size();
      assertThat(given).isEqualTo(4 + step);
    }
  }

  @Test
  void aChangeOnOneNodeHoldsOnAllOthersAtOnce() {
    IntStream.range(0, 20).forEach(i -> store.start(aJob("job-" + i)));
    store.updateLimitsOn(1, limits().rate(1, 3).build());
    assertThat(store.leaseAll(1000).tasks()).hasSize(3);
    store.updateLimitsOn(2, limits().rate(1, 5).build());
    assertThat(store.leaseAll(1000).tasks()).hasSize(2);
    store.updateLimitsOn(1, limits().noRate().build());
    assertThat(store.leaseAll(1000).tasks()).hasSize(15);
  }

  @Test
  void theRateOfEveryKeyIsMultipliedByItsWeight_thatOfOneKeyIsNot() {
    store.updateLimits(
        limits().everyKey(inEach(1.0), null).key("own", inEach(1.0), null).build());
    start(9, "light", "");
    start(9, "heavy", 4, "");
    start(9, "own", 4, "");
    assertThat(byKey(store.lease(1000)))
        .containsExactlyInAnyOrderEntriesOf(Map.of("light", 1L, "heavy", 4L, "own", 1L));
    store.updateLimits(limits().weight("light", 2.0).weight("own", 9.0).build());
    store.passOnly(ofSeconds(1));
    assertThat(byKey(store.lease(1000)))
        .containsExactlyInAnyOrderEntriesOf(Map.of("light", 2L, "heavy", 4L, "own", 1L));
  }

  @Test
  void whatALimitStopsHoldsUpNobodyElse() {
    store.updateLimits(
        limits().key("a", inEach(0.5), null).destination(ONE, inEach(0.5), null).build());
    start(5, "a", "");
    start(5, "b", ONE);
    start(5, "b", "https://two.example:443");
    start(5, "c", "");
    LeaseResult leased = store.leaseAll(1000);
    assertThat(leased.tasks()).hasSize(12);
    assertThat(leased.waits()).isEqualTo(new Waits(null, ofSeconds(2), null));
  }

  @Test
  void aTaskTakesFromAllOfItsLimitsOrFromNone() {
    store.updateLimits(
        limits().key("a", inEach(0.5), null).destination(ONE, inEach(0.5), inEach(2)).build());
    start(2, "a", ONE);
    assertThat(leased()).isEqualTo(1);
    assertThat(leased()).isZero();
    start(2, "b", ONE);
    assertThat(leased()).isEqualTo(1);
  }

  @Test
  void aPausedQueueGivesNothingToAnybody() {
    start(3, "a", "");
    Task task = store.leaseOne();
    store.pauseQueue();
    assertThat(store.leaseAll(5).waits()).isEqualTo(new Waits(null, null, Waits.UNTIL_OPENED));
    store.complete(task);
    assertThat(leased()).isZero();
    assertThat(store.describeQueue().paused()).isNotNull();
    store.unpauseQueue();
    assertThat(leased()).isEqualTo(2);
    assertThat(store.describeQueue().paused()).isNull();
  }

  @Test
  void capsHoldWithTheNextLease_andLetGoWhenRaisedOrRemoved() {
    start(20, "a", ONE);
    store.updateLimits(limits().maxInFlight(inEach(2)).build());
    List<Task> tasks = store.lease(1000);
    assertThat(tasks).hasSize(2);
    store.updateLimits(limits().maxInFlight(inEach(10)).maxOfKey(inEach(4)).build());
    assertThat(leased()).isEqualTo(2);
    store.updateLimits(limits().maxOfKey(null).maxToDestination(inEach(6)).build());
    assertThat(leased()).isEqualTo(2);
    store.updateLimits(limits().maxToDestination(inEach(1)).build());
    tasks.forEach(store::complete);
    assertThat(leased()).isZero();
    store.updateLimits(limits().maxToDestination(null).build());
    assertThat(leased()).isEqualTo(6);
    store.updateLimits(limits().maxInFlight(null).build());
    assertThat(leased()).isEqualTo(8);
  }

  @Test
  void anOverriddenWeightCountsForTheBacklogAtOnce_andUntilItIsRemoved() {
    start(40, "a", 0.001, "");
    start(300, "b", "");
    store.lease(2);
    // the next turn of a was a thousand turns of b away
    store.updateLimits(limits().weight("a", 1.0).build());
    assertThat(byKey(store.lease(20)).get("a")).isBetween(9L, 11L);
    store.updateLimits(limits().weight("a", 3.0).build());
    assertThat(byKey(store.lease(20)).get("a")).isBetween(14L, 16L);
    store.updateLimits(limits().weight("a", null).build());
    assertThat(byKey(store.lease(20)).getOrDefault("a", 0L)).isLessThan(2L);
  }

  @Test
  void aRepeatedRequestChangesNothing() {
    start(5, "a", "");
    store.updateLimits("one", limits().rate(1, 2).build());
    store.updateLimits("one", limits().rate(1, 3).build());
    assertThat(leased()).isEqualTo(2);
    store.updateLimits("two", limits().noRate().build());
    store.updateLimits("one", limits().rate(0, null).build());
    assertThat(leased()).isZero();
  }

  @Test
  void oneEntryTooManyIsRefusedAsAWhole() {
    int most = RandomLimits.MAX_ENTRIES;
    LimitsBuilder change = limits().rate(1, null);
    for (int i = 0; i <= most; i++) {
      change.key("key " + i, 1, null);
    }
    assertThat(store.updateLimits(change.build()))
        .isEqualTo(new UpdateLimitsResult.TooMany("fairnessKeyRateLimits", most + 1, most));
    assertThat(store.describeQueue().limits()).isEqualTo(QueueLimits.NONE);
    assertThat(store.updateLimits(change.noKey("key 0").build()))
        .isEqualTo(new UpdateLimitsResult.Updated());
    assertThat(store.updateLimits(limits().clearKeys().key("other", 1, null).build()))
        .isEqualTo(new UpdateLimitsResult.Updated());
    assertThat(store.describeQueue().limits().fairnessKeyRateLimits())
        .isEqualTo(Map.of("other", new RateLimit(1, null)));
  }

  @Test
  void aQueueIsDescribedAsItStands() {
    start(2, "a", 2, "");
    store.passOnly(ofSeconds(10));
    start(3, "b", "");
    store.start(aJob(store.idInFirstPartition(made)).priority(1, "a", 2));
    store.updateLimits(limits().rate(0.1, null).weight("b", 0.5).build());
    store.passOnly(ofSeconds(5));
    store.leaseOne();
    QueueDescription queue = store.describeQueue();
    assertThat(queue.inFlight()).isEqualTo(1);
    assertThat(queue.backlog().count()).isEqualTo(5);
    assertThat(queue.backlog().age()).isBetween(ofSeconds(14), ofSeconds(16));
    assertThat(queue.priorities()).hasSize(1);
    assertThat(queue.fairnessKeysWaiting()).isEqualTo(2);
    assertThat(queue.fairnessKeys()).extracting(OfFairnessKey::fairnessKey).containsExactly("b", "a");
    assertThat(queue.fairnessKeys()).extracting(OfFairnessKey::weight).containsExactly(0.5, 2.0);
    assertThat(queue.limits())
        .isEqualTo(
            new QueueLimits(
                new RateLimit(0.1, null),
                null,
                Map.of(),
                Map.of(),
                Map.of("b", 0.5),
                null,
                null,
                null));
    assertThat(queue.changed()).isNotNull();
    assertThat(queue.pollersSeen()).isEqualTo(1);
  }
}
