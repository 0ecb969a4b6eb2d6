package dev.postrider.receiver;

import org.jspecify.annotations.Nullable;

/** What is to be done with a request that has just come in. */
sealed interface Reception {

  /** The rate limit refuses it. */
  record Throttled() implements Reception {}

  /**
   * It was taken.
   *
   * @param deduped whether its idempotency key had been seen before, so that it was not recorded
   */
  record Taken(boolean deduped) implements Reception {}

  /**
   * A behaviour decides about it.
   *
   * @param taken what became of it where the behaviour applies afterwards, else null
   */
  record Scripted(Behaviour behaviour, @Nullable Taken taken) implements Reception {}
}
