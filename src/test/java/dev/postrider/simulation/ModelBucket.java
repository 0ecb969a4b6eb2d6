package dev.postrider.simulation;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was given under one limit and has not been earned again: its debt, in billionths of a task.
 * A limit never owes more than its burst, which says of every stretch of time that no more than
 * burst + rate × t was given in it.
 *
 * <p>Two debts are kept, for what nobody can see: the least that can be owed, by which it is judged
 * that too much was given, and the most, by which it is judged that something was held up for
 * nothing. They differ while a change may not have been noticed yet, and after a clock went back.
 */
final class ModelBucket {
  static final long TOKEN = 1_000_000_000;

  /**
   * A limit as it counts.
   *
   * @param rate billionths of a task per millisecond; 0 = nothing is given
   * @param burst billionths of a task
   */
  record Limit(long rate, long burst) {}

  private final String name;
  private final boolean noticedAtOnce;
  private @Nullable Limit limit;
  private long now;
  private long least;
  private long most;

  /** What {@link #most} is true at; until then nothing is surely paid off. */
  private long mostAt;

  /** The rates at which the debt may be paid off, until the limit is noticed as it is now. */
  private long fastest;

  private long slowest;

  /**
   * Makes one without debt.
   *
   * @param noticedAtOnce a change counts from the moment at which it is made
   */
  ModelBucket(String name, boolean noticedAtOnce, long now) {
    this.name = name;
    this.noticedAtOnce = noticedAtOnce;
    this.now = now;
    this.mostAt = now;
  }

  /** The clock shows another time, perhaps one before. */
  void pass(long to) {
    if (to > now) {
      least = Math.max(0, least - (to - now) * fastest);
    }
    now = to;
  }

  private void settle() {
    most = Math.max(0, most - Math.max(0, now - mostAt) * slowest);
    mostAt = Math.max(mostAt, now);
  }

  /** The limit is another, or gone. */
  void set(@Nullable Limit to) {
    if (Objects.equals(limit, to)) {
      return;
    }
    settle();
    if (limit == null) {
      // it begins anew: what was given under the one before may be forgotten
      least = 0;
    }
    limit = to;
    if (to == null) {
      return;
    }
    least = Math.min(least, to.burst());
    if (noticedAtOnce || most == 0) {
      noticed(to);
      most = Math.min(most, to.burst());
      mostAt = now;
    } else {
      fastest = Math.max(fastest, to.rate());
      slowest = Math.min(slowest, to.rate());
    }
  }

  private void noticed(Limit as) {
    fastest = as.rate();
    slowest = as.rate();
  }

  /** Somebody was held up by it, and so it was looked at as it is now. */
  void looked() {
    if (limit != null && slowest != limit.rate()) {
      settle();
      most = Math.min(most, limit.burst());
      slowest = limit.rate();
    }
  }

  /** Counts a task that was given. */
  void take() {
    if (limit == null) {
      return;
    }
    if (!mayGive()) {
      throw new IllegalMove("given more than " + this + " allows");
    }
    settle();
    least += TOKEN;
    most = Math.min(most + TOKEN, limit.burst());
    mostAt = now;
    noticed(limit);
  }

  /**
   * A task came to nothing: what of it has not been earned again since may be given once more.
   *
   * @param surely nobody may keep it
   */
  void takeBack(long givenAt, boolean surely) {
    if (limit == null) {
      return;
    }
    long since = Math.max(0, now - givenAt);
    least = Math.max(0, least - Math.max(0, TOKEN - since * slowest));
    if (surely) {
      settle();
      most = Math.max(0, most - Math.max(0, TOKEN - since * fastest));
      mostAt = now;
    }
  }

  boolean isSet() {
    return limit != null;
  }

  boolean isStopped() {
    return limit != null && limit.rate() == 0;
  }

  boolean mayGive() {
    return limit == null || (limit.rate() > 0 && least + TOKEN <= limit.burst());
  }

  boolean surelyGives() {
    return limit == null || (limit.rate() > 0 && mostNow(limit) + TOKEN <= limit.burst());
  }

  private long mostNow(Limit under) {
    long paid = Math.max(0, now - mostAt) * slowest;
    return Math.min(Math.max(0, most - paid), under.burst());
  }

  /** The shortest time after which one more may be given, ms. */
  long waitAtLeast() {
    return wait(Objects.requireNonNull(limit), least);
  }

  /** The longest time after which one more must be given, ms: a clock that went back may count. */
  long waitAtMost() {
    Limit under = Objects.requireNonNull(limit);
    long wait = wait(under, mostNow(under));
    return wait == 0 || wait == ModelRun.NEVER ? wait : wait + Math.max(0, mostAt - now);
  }

  private static long wait(Limit under, long debt) {
    if (under.rate() == 0) {
      return ModelRun.NEVER;
    }
    long missing = Math.max(0, debt + TOKEN - under.burst());
    return (missing + under.rate() - 1) / under.rate();
  }

  /** Judges how long somebody was told to wait for it. */
  void judgeWait(Duration told) {
    if (limit == null) {
      throw new IllegalMove("held up for " + told + " by no limit: " + name);
    }
    if (surelyGives()) {
      throw new IllegalMove("held up for " + told + " though it gives: " + this);
    }
    boolean never = waitAtMost() == ModelRun.NEVER;
    if (!never && told.toMillis() > waitAtMost() + 2) {
      throw new IllegalMove("held up for " + told + ", longer than it takes: " + this);
    }
    if (never || told.toMillis() < waitAtLeast() - 2) {
      throw new IllegalMove("held up for " + told + ", shorter than it takes: " + this);
    }
  }

  @Override
  public String toString() {
    Limit as = limit;
    return as == null
        ? name + " without limit"
        : "%s at %.3f/s, burst %.3f, of which %.3f to %.3f are given, %d ms to go at most"
            .formatted(
                name,
                as.rate() / 1e6,
                as.burst() / 1e9,
                least / 1e9,
                mostNow(as) / 1e9,
                waitAtMost());
  }
}
