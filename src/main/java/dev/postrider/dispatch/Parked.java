package dev.postrider.dispatch;

/** A poll where it waits, in one line or in several. */
interface Parked {
  /** There are notices for its worker. */
  void notice();

  /** A lease for it is on its way: its answer is the poll's. */
  boolean isAsking();

  /** It is answered and waits no more. */
  void leave();
}
