package dev.postrider.api.json;

/** The bytes are no JSON text as this service accepts it; says where and why. */
public final class MalformedJsonException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  MalformedJsonException(String message, int line, int column) {
    super(message, null, false, false);
    this.line = line;
    this.column = column;
  }

  /** The line of the first offending byte, from 1. */
  public int line() {
    return line;
  }

  /** The place of the first offending byte within its line, in bytes from 1. */
  public int column() {
    return column;
  }
}
