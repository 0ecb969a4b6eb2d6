package dev.postrider.store;

import java.util.Optional;

/**
 * A place in one partition's event log: after the {@code index}-th event of a stream entry.
 *
 * @param ms milliseconds of the entry's stream id
 * @param sequence the second part of the entry's stream id
 * @param index counts the events of one entry from 0; {@link #WHOLE} = after all of them
 */
public record EventPosition(long ms, long sequence, int index)
    implements Comparable<EventPosition> {
  public static final int WHOLE = 0xffff;

  /** Reads what {@link #toString} wrote. */
  public static Optional<EventPosition> parse(String text) {
    String[] parts = text.split("-", -1);
    if (parts.length != 3 || text.length() > 48) {
      return Optional.empty();
    }
    try {
      EventPosition position =
          new EventPosition(
              Long.parseLong(parts[0]), Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
      return position.ms >= 0
              && position.sequence >= 0
              && position.index >= 0
              && position.index <= WHOLE
          ? Optional.of(position)
          : Optional.empty();
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(EventPosition other) {
    int byMs = Long.compare(ms, other.ms);
    int bySequence = byMs != 0 ? byMs : Long.compare(sequence, other.sequence);
    return bySequence != 0 ? bySequence : Integer.compare(index, other.index);
  }

  @Override
  public String toString() {
    return ms + "-" + sequence + "-" + index;
  }
}
