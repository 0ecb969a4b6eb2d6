package dev.postrider.receiver;

/** A request to the receiver that it cannot understand; the message names the field, if any. */
final class InvalidRequest extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InvalidRequest(String message) {
    super(message, null, false, false);
  }
}
