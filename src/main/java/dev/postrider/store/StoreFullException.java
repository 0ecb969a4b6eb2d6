package dev.postrider.store;

/** The store has no room for another job; what finishes or removes work still goes on. */
public final class StoreFullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreFullException(String message, Throwable cause) {
    super(message, cause);
  }
}
