package dev.postrider.simulation;

import dev.postrider.store.Duties;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which nodes count as alive in one partition. */
final class ModelNodes {
  private static final long FULL = Duties.LIVENESS.toMillis();

  /** A pass that comes later than this after the last one first gives every node its full time. */
  private static final long LATE = 2_000;

  private final Map<Integer, Long> aliveUntil = new TreeMap<>();
  private long lastPassAt = Long.MIN_VALUE / 2;

  void renew(int node, long now) {
    aliveUntil.put(node, now + FULL);
  }

  /** A node leased for its own worker: it is known from now on. */
  void leased(int node, long now) {
    aliveUntil.putIfAbsent(node, now + FULL);
  }

  void leave(int node) {
    aliveUntil.replace(node, 0L);
  }

  /** Makes a pass; the nodes that are no longer alive, which are forgotten. */
  List<Integer> lapse(long now) {
    List<Integer> lapsed = new ArrayList<>();
    boolean late = now - lastPassAt > LATE;
    lastPassAt = now;
    aliveUntil.replaceAll((node, until) -> late || until > now + FULL ? now + FULL : until);
    aliveUntil.forEach(
        (node, until) -> {
          if (until < now) {
            lapsed.add(node);
          }
        });
    lapsed.forEach(aliveUntil::remove);
    return lapsed;
  }
}
