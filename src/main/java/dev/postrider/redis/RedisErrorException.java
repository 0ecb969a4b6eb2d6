package dev.postrider.redis;

/**
 * Redis understood a command and answered with an error that says nothing about its availability: a
 * script that failed, a key of another type. The message is Redis's own, beginning with its code.
 */
public final class RedisErrorException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public RedisErrorException(String message) {
    super(message, null, false, false);
  }

  /** The first word of the message, such as {@code ERR} or {@code WRONGTYPE}. */
  public String code() {
    String message = String.valueOf(getMessage());
    int space = message.indexOf(' ');
    return space < 0 ? message : message.substring(0, space);
  }
}
