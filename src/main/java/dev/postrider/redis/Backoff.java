package dev.postrider.redis;

import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next try: it doubles from the least to the most. */
final class Backoff {

  private final long leastMillis;
  private final long mostMillis;
  private long nextMillis;

  Backoff(long leastMillis, long mostMillis) {
    this.leastMillis = leastMillis;
    this.mostMillis = mostMillis;
    this.nextMillis = leastMillis;
  }

  /** The next wait in milliseconds; up to a fifth shorter, so that links do not march in step. */
  long next() {
    long wait = nextMillis;
    nextMillis = Math.min(mostMillis, wait * 2);
    return Math.max(1, wait - ThreadLocalRandom.current().nextLong(wait / 5 + 1));
  }

  /** Begins again at the least, after a success. */
  void reset() {
    nextMillis = leastMillis;
  }
}
