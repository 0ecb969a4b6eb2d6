package dev.postrider.simulation;

/** The store did what the rules do not allow. */
final class IllegalMove extends RuntimeException {
  private static final long serialVersionUID = 1;

  IllegalMove(String message) {
    super(message);
  }
}
