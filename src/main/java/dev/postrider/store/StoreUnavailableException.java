package dev.postrider.store;

/**
 * The store cannot be reached, or did not answer in time: the call may or may not have happened.
 */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
