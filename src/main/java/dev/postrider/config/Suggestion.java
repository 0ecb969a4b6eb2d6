package dev.postrider.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The known key that somebody who wrote an unknown one probably meant. */
final class Suggestion {

  private Suggestion() {}

  /** The closest of the known keys, if one is close. */
  static Optional<String> closest(String written, Collection<String> known) {
    String lower = written.toLowerCase(Locale.ROOT);
    int limit = written.length() < 12 ? 2 : 3;
    Optional<String> near =
        known.stream()
            .filter(key -> distance(lower, key.toLowerCase(Locale.ROOT)) <= limit)
            .min(Comparator.comparingInt(key -> distance(lower, key.toLowerCase(Locale.ROOT))));
    return near.or(
        () -> known.stream().filter(key -> lastPart(key).equals(lastPart(lower))).findFirst());
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /** How many letters must be added, removed or changed to make one word of the other. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
