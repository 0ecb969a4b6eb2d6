package dev.postrider.timer;

import dev.postrider.store.Duties;
import java.time.Duration;

/**
 * How long a duty rests after a pass.
 *
 * @param shortest what may be gathered for one pass; zero = act at the very moment
 * @param longest how late a moment may be noticed that nobody told this node about
 */
record Rest(Duration shortest, Duration longest) {
  Duration after(Duties.Pass pass) {
    if (pass.more()) {
      return Duration.ZERO;
    }
    Duration due = pass.nextIn();
    if (due.compareTo(shortest) < 0) {
      return shortest;
    }
    return due.compareTo(longest) < 0 ? due : longest;
  }
}
