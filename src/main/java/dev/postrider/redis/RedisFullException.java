package dev.postrider.redis;

/** Redis has reached its maxmemory and refused a command that needs more; nothing was changed. */
public final class RedisFullException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RedisFullException(String message) {
    super(message, null, false, false);
  }
}
