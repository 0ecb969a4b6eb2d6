package dev.postrider.store.redis;

import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What waits to be sent in one kind of call. While a call is under way more gathers, and goes out
 * with the next: the busier the store, the larger the batches, and none waits for others to come.
 */
final class Line<R> {
  /** A script that took more would hold Redis for longer than 5 ms. */
  static final int MAX_ENTRIES = 200;

  static final int MAX_BYTES = 256 * 1024;

  /**
   * One entry of a call.
   *
   * @param name of the job it is about; a call holds one entry per job at most
   * @param bytes about what its arguments take
   */
  record Entry<R>(String name, List<Object> arguments, int bytes, Promise<R> answer) {}

  private final Deque<Entry<R>> waiting = new ArrayDeque<>();
  private boolean underWay;

  void add(Entry<R> entry) {
    waiting.add(entry);
  }

  boolean isReady() {
    return !underWay && !waiting.isEmpty();
  }

  /** Takes the next call's entries: at least one, and more up to the bounds. */
  List<Entry<R>> take() {
    underWay = true;
    List<Entry<R>> taken = new ArrayList<>();
    List<Entry<R>> later = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int bytes = 0;
    while (!waiting.isEmpty() && taken.size() < MAX_ENTRIES) {
      Entry<R> next = waiting.peek();
      if (!taken.isEmpty() && bytes + next.bytes() > MAX_BYTES) {
        break;
      }
      waiting.remove();
      if (names.add(next.name())) {
        taken.add(next);
        bytes += next.bytes();
      } else {
        later.add(next);
      }
    }
    for (int i = later.size() - 1; i >= 0; i--) {
      waiting.addFirst(later.get(i));
    }
    return taken;
  }

  void done() {
    underWay = false;
  }
}
