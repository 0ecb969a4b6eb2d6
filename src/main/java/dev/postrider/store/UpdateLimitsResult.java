package dev.postrider.store;

/** What became of a change of limits. */
public sealed interface UpdateLimitsResult {
  /** They are as asked for, on all nodes. */
  record Updated() implements UpdateLimitsResult {}

  /**
   * One of the maps would have too many entries; nothing has changed.
   *
   * @param field the map's name, as in {@link dev.postrider.job.QueueLimits}
   * @param entries how many it would have
   * @param most how many it may have
   */
  record TooMany(String field, int entries, int most) implements UpdateLimitsResult {}
}
