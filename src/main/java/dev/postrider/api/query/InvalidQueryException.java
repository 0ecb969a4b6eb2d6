package dev.postrider.api.query;

/** A filter that cannot be understood; says where and what would have been right there. */
public final class InvalidQueryException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int position;
  private final String expected;

  InvalidQueryException(int position, String expected, String found) {
    super(
        "at character " + position + ": expected " + expected + ", found " + found,
        null,
        false,
        false);
    this.position = position;
    this.expected = expected;
  }

  /** Where it stops making sense, in characters from 1. */
  public int position() {
    return position;
  }

  /** What could stand there. */
  public String expected() {
    return expected;
  }
}
