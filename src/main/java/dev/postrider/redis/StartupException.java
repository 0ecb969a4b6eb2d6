package dev.postrider.redis;

/**
 * The service cannot start as it is configured. The message is one line that says why, the hint one
 * line that says what to do about it; neither needs a stack trace beside it.
 */
public final class StartupException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String hint;

  public StartupException(String message, String hint) {
    super(message);
    this.hint = hint;
  }

  public StartupException(String message, String hint, Throwable cause) {
    super(message, cause);
    this.hint = hint;
  }

  /** What the reader can do about it. */
  public String hint() {
    return hint;
  }
}
