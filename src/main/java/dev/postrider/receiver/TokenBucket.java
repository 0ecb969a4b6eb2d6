package dev.postrider.receiver;

/**
 * A token bucket of {@code perSecond} tokens that refills at {@code perSecond} tokens a second.
 *
 * <p>A rate below one token a second still has room for one whole token, or nothing would ever
 * pass. A new bucket is full. Time is an argument, in nanoseconds of any monotonic clock.
 */
final class TokenBucket {

  private static final double NANOS_PER_SECOND = 1e9;

  private final double perSecond;
  private final double capacity;
  private double tokens;
  private long refilledAtNanos;

  /** A full bucket. {@code perSecond} is finite and above zero. */
  TokenBucket(double perSecond, long nowNanos) {
    if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
      throw new IllegalArgumentException("a rate must be finite and above 0: " + perSecond);
    }
    this.perSecond = perSecond;
    this.capacity = Math.max(1, perSecond);
    this.tokens = capacity;
    this.refilledAtNanos = nowNanos;
  }

  /** Takes one token, if there is one. */
  boolean tryTake(long nowNanos) {
    double elapsed = Math.max(0, nowNanos - refilledAtNanos);
    tokens = Math.min(capacity, tokens + elapsed / NANOS_PER_SECOND * perSecond);
    refilledAtNanos = nowNanos;
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }

  double perSecond() {
    return perSecond;
  }
}
