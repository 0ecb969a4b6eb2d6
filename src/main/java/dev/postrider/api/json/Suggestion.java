package dev.postrider.api.json;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a misspelt one was probably meant to be. */
public final class Suggestion {

  private static final int MAX_EDITS = 2;
  private static final int MAX_LENGTH = 64;

  private Suggestion() {}

  /** The nearest of the known names, if one is near. */
  public static Optional<String> of(String name, Collection<String> known) {
    String folded = fold(name);
    if (folded.isEmpty() || folded.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String nearest = null;
    int fewest = Math.min(MAX_EDITS, folded.length() / 3) + 1;
    for (String candidate : known) {
      int edits = edits(folded, fold(candidate));
      if (edits < fewest) {
        fewest = edits;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code task_queue}, {@code task-queue} and {@code TaskQueue} are the same to a human. */
  private static String fold(String name) {
    return name.replaceAll("[_\\- ]", "").toLowerCase(Locale.ROOT);
  }

  /** Levenshtein's distance. */
  private static int edits(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
