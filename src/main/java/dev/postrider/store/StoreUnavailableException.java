package dev.postrider.store;

import org.jspecify.annotations.Nullable;

/**
 * The store cannot be reached, or did not answer in time: the call may or may not have happened.
 */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
