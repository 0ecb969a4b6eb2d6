package dev.postrider.job;

/**
 * Whose turn it is.
 *
 * @param priorityKey 1 (first) to 5
 * @param fairnessKey at most 64 bytes of UTF-8 without control characters; empty = the shared one
 * @param fairnessWeight 0.001–1000, kept in thousandths
 */
public record Priority(int priorityKey, String fairnessKey, double fairnessWeight) {
  public static final Priority DEFAULT = new Priority(3, "", 1.0);
}
