package dev.postrider.job;

/**
 * What has been asked of the attempt that runs. It goes on until its worker heeds that or its time
 * is over.
 *
 * @param cancel the job is to end; no further attempt will follow
 * @param pause no further attempt will follow until the job is unpaused
 * @param reset after this attempt, unless it succeeds, the job starts over at attempt 1
 */
public record Requested(boolean cancel, boolean pause, boolean reset) {
  public static final Requested NOTHING = new Requested(false, false, false);
}
