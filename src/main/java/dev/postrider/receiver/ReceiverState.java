package dev.postrider.receiver;

import dev.postrider.receiver.Behaviour.When;
import dev.postrider.receiver.ReceiverOptions.Limits;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a receiver has counted, recorded and been told to do.
 *
 * <p>A request passes the rate limit, then a behaviour that applies before, then dedup and record,
 * then a behaviour that applies after. Not thread-safe: it belongs to one event loop.
 */
final class ReceiverState {

  /** How many of the latest requests are shown on the page. */
  static final int ARRIVALS_SHOWN = 50;

  private final Limits limits;
  private final Deque<ReceivedDelivery> deliveries = new ArrayDeque<>();
  private final Set<String> keys = new LinkedHashSet<>();
  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private final Deque<Behaviour> behaviours = new ArrayDeque<>();
  private long charactersKept;
  private int timesApplied;
  private Counts counts = Counts.ZERO;
  private @Nullable TokenBucket bucket;

  ReceiverState(Limits limits) {
    this.limits = limits;
  }

  /**
   * Counts of requests since the start or the last reset.
   *
   * @param received valid requests, whatever became of them
   * @param processed those that were recorded
   * @param deduped those whose key had been seen
   * @param throttled those that the rate limit refused
   */
  record Counts(long received, long processed, long deduped, long throttled) {
    static final Counts ZERO = new Counts(0, 0, 0, 0);
  }

  /** One request and what was decided about it, for the page. */
  record Arrival(ReceivedDelivery delivery, Reception reception) {}

  /** Decides about a request, and records it unless it is refused, or held up, before that. */
  Reception arrive(ReceivedDelivery delivery, long nowNanos) {
    counts = new Counts(counts.received + 1, counts.processed, counts.deduped, counts.throttled);
    Reception reception = decide(delivery, nowNanos);
    arrivals.addFirst(new Arrival(delivery.excerpt(), reception));
    if (arrivals.size() > ARRIVALS_SHOWN) {
      arrivals.removeLast();
    }
    return reception;
  }

  private Reception decide(ReceivedDelivery delivery, long nowNanos) {
    if (bucket != null && !bucket.tryTake(nowNanos)) {
      counts = new Counts(counts.received, counts.processed, counts.deduped, counts.throttled + 1);
      return new Reception.Throttled();
    }
    Behaviour behaviour = nextBehaviour();
    if (behaviour == null) {
      return take(delivery);
    }
    return new Reception.Scripted(
        behaviour, behaviour.when() == When.AFTER ? take(delivery) : null);
  }

  private @Nullable Behaviour nextBehaviour() {
    Behaviour behaviour = behaviours.peekFirst();
    if (behaviour != null && ++timesApplied >= behaviour.times()) {
      behaviours.removeFirst();
      timesApplied = 0;
    }
    return behaviour;
  }

  /** Dedupes and records: the step that a behaviour may come before or after. */
  Reception.Taken take(ReceivedDelivery delivery) {
    String key = delivery.idempotencyKey();
    if (key != null && keys.contains(key)) {
      counts = new Counts(counts.received, counts.processed, counts.deduped + 1, counts.throttled);
      return new Reception.Taken(true);
    }
    if (key != null) {
      remember(key);
    }
    counts = new Counts(counts.received, counts.processed + 1, counts.deduped, counts.throttled);
    keep(delivery);
    return new Reception.Taken(false);
  }

  private void remember(String key) {
    keys.add(key);
    if (keys.size() > limits.keys()) {
      var oldest = keys.iterator();
      oldest.next();
      oldest.remove();
    }
  }

  private void keep(ReceivedDelivery delivery) {
    deliveries.addLast(delivery);
    charactersKept += delivery.size();
    while (deliveries.size() > limits.deliveries()
        || (charactersKept > limits.characters() && !deliveries.isEmpty())) {
      charactersKept -= deliveries.removeFirst().size();
    }
  }

  /** Queues a behaviour behind those that wait, unless as many wait as may. */
  boolean script(Behaviour behaviour) {
    if (behaviours.size() >= limits.behaviours()) {
      return false;
    }
    behaviours.addLast(behaviour);
    return true;
  }

  /** Sets the rate limit in requests a second; 0 turns it off. */
  void limit(double perSecond, long nowNanos) {
    bucket = perSecond == 0 ? null : new TokenBucket(perSecond, nowNanos);
  }

  /**
   * Forgets everything that came in and every behaviour. The rate limit stays, so that a run can be
   * repeated under the same limit.
   */
  void reset() {
    deliveries.clear();
    keys.clear();
    arrivals.clear();
    behaviours.clear();
    timesApplied = 0;
    charactersKept = 0;
    counts = Counts.ZERO;
  }

  Counts counts() {
    return counts;
  }

  /** The rate limit in requests a second; 0 if off. */
  double rateLimit() {
    return bucket == null ? 0 : bucket.perSecond();
  }

  /** The deliveries kept, oldest first. */
  Collection<ReceivedDelivery> deliveries() {
    return Collections.unmodifiableCollection(deliveries);
  }

  /** The latest requests, newest first. */
  Collection<Arrival> arrivals() {
    return Collections.unmodifiableCollection(arrivals);
  }

  /** How many behaviours wait or apply. */
  int behaviours() {
    return behaviours.size();
  }
}
