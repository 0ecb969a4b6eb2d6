package dev.postrider.simulation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One operation of a simulation. Everything about it follows from its verb, its seed and the state
 * it meets, so that steps before it can be left out and it still means something.
 */
record Step(Verb verb, long seed) {
  /** What a step does, and how often by default. */
  enum Verb {
    START(20),
    LEASE(16),
    LEASE_BUILT_IN(6),
    HEARTBEAT(8),
    HEARTBEAT_BY_ID(2),
    CANCELED(4),
    NOTIFY_AGAIN(1),
    COMPLETE(7),
    FAIL(10),
    HAND_BACK(4),
    REPEAT_REPORT(3),
    COMPLETE_AND_LEASE(4),
    FAIL_AND_LEASE(3),
    START_AND_LEASE(4),
    START_WHILE_WAITING(5),
    CANCEL(4),
    TERMINATE(2),
    PAUSE(5),
    UNPAUSE(5),
    RESET(5),
    UPDATE_OPTIONS(6),
    RESTORE_OPTIONS(2),
    RETRY_NOW(4),
    RERUN(4),
    COMPLETE_BY_ID(2),
    FAIL_BY_ID(2),
    DELETE(2),
    LOSE_REPLY(8),
    PASS(12),
    PASS_TO_NEXT_MOMENT(10),
    PASS_LONG(2),
    STEP_BACK(2),
    REAP(8),
    EXPIRE(3),
    SETTLE(4),
    LAPSE(2),
    RENEW(3),
    LIVE_WITHOUT_ONE_NODE(2),
    LEAVE(1),
    LIST(2),
    UPDATE_LIMITS(6),
    PAUSE_QUEUE(1),
    UNPAUSE_QUEUE(4),
    DESCRIBE_QUEUE(4),
    FLUSH_SCRIPTS(1);

    final int weight;

    Verb(int weight) {
      this.weight = weight;
    }
  }

  private static final Set<Verb> LIMITING =
      EnumSet.of(Verb.UPDATE_LIMITS, Verb.PAUSE_QUEUE, Verb.UNPAUSE_QUEUE);

  /**
   * A history: its mix of verbs is drawn from the seed too, so that some are seen often together.
   * In a third of all histories the limits stay what they are.
   */
  static List<Step> history(long seed, int length) {
    Random random = new Random(seed);
    Verb[] verbs = Verb.values();
    double[] weights = new double[verbs.length];
    double total = 0;
    boolean limitsStay = random.nextInt(3) == 0;
    for (int i = 0; i < verbs.length; i++) {
      weights[i] = verbs[i].weight * Math.pow(4, random.nextDouble() * 2 - 1);
      if (limitsStay && LIMITING.contains(verbs[i])) {
        weights[i] = 0;
      }
      total += weights[i];
    }
    List<Step> steps = new ArrayList<>();
    for (int n = 0; n < length; n++) {
      double at = random.nextDouble() * total;
      int i = 0;
      while (i < verbs.length - 1 && at >= weights[i]) {
        at -= weights[i];
        i++;
      }
      steps.add(new Step(verbs[i], random.nextLong()));
    }
    return steps;
  }
}
