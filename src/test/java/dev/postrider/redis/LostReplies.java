package dev.postrider.redis;

import dev.postrider.redis.RedisUnavailableException.Reason;

/** Failures as a link makes them, for tests that make them up. */
public final class LostReplies {
  private LostReplies() {}

  /** The command was carried out, perhaps; its answer did not come. */
  public static RedisUnavailableException lost() {
    return new RedisUnavailableException(Reason.CONNECTION_LOST, "its reply was lost");
  }

  /** The command was not sent. */
  public static RedisUnavailableException down() {
    return new RedisUnavailableException(Reason.NOT_CONNECTED, "the link is down");
  }
}
