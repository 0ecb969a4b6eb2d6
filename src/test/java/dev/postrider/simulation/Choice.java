package dev.postrider.simulation;

/** Decides what the rules leave to chance; the simulation reads it off what the store did. */
interface Choice {
  /** A moment from {@code from} to {@code to}, both included, at which {@code run} is next due. */
  long moment(ModelRun run, long from, long to);

  /** The run is past one of its deadlines in the queue and was reached, or not, by a lease. */
  boolean reached(ModelRun run);
}
