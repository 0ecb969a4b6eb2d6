package dev.postrider.store;

import org.jspecify.annotations.Nullable;

/** The store cannot be reached, or did not answer in time. */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean mayHaveHappened;

  /** The call has not happened. */
  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private StoreUnavailableException(
      String message, @Nullable Throwable cause, boolean mayHaveHappened) {
    super(message, cause);
    this.mayHaveHappened = mayHaveHappened;
  }

  /** The call was sent and not answered. */
  public static StoreUnavailableException unanswered() {
    return new StoreUnavailableException(
        "the store did not answer; the call may have happened", null, true);
  }

  /** Whether the call may have happened all the same. */
  public boolean mayHaveHappened() {
    return mayHaveHappened;
  }
}
