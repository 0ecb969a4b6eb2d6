package dev.postrider.client;

/**
 * Whose turn it is.
 *
 * @param priorityKey 1 to 5; 1 comes first, strictly
 * @param fairnessKey who shares the queue, at most 64 bytes; keys of one priority take turns by
 *     weight, and the empty one is shared by those that name none
 * @param fairnessWeight the key's share against the others', 0.001 to 1000
 */
public record Priority(int priorityKey, String fairnessKey, double fairnessWeight) {
  public static final Priority DEFAULT = new Priority(3, "", 1);

  public Priority withPriorityKey(int key) {
    return new Priority(key, fairnessKey, fairnessWeight);
  }

  public Priority withFairness(String key, double weight) {
    return new Priority(priorityKey, key, weight);
  }
}
