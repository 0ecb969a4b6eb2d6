package dev.postrider.simulation;

import java.time.Duration;

/** The model keeps the contract of limits that the store keeps. */
class ModelQueueLimitsTest extends QueueLimitsContract {
  @Override
  Rig rig() {
    return new ModelRig(
        new ModelStore.Settings(1, Duration.ofHours(1), 100, RandomLimits.MAX_ENTRIES, key -> 0),
        1);
  }
}
