package dev.postrider.redis;

import dev.postrider.redis.RedisUnavailableException.Reason;
import io.vertx.redis.client.impl.types.ErrorType;

/** What a failure of the Redis client means. */
final class RedisErrors {

  private static final String CLOSED_BY_PEER = "CONNECTION_CLOSED";

  private RedisErrors() {}

  /**
   * The exception to fail with.
   *
   * @param failure what the client failed a sent command with
   */
  static RuntimeException explain(Throwable failure) {
    if (failure instanceof ErrorType error) {
      return explain(String.valueOf(error.getMessage()));
    }
    if (failure instanceof RedisUnavailableException unavailable) {
      return unavailable;
    }
    return new RedisUnavailableException(
        Reason.CONNECTION_LOST, "the connection to Redis was lost: " + failure.getMessage());
  }

  private static RuntimeException explain(String message) {
    String code = new RedisErrorException(message).code();
    return switch (code) {
      case CLOSED_BY_PEER ->
          new RedisUnavailableException(
              Reason.CONNECTION_LOST, "the connection to Redis was lost before its answer came");
      case "OOM" -> new RedisFullException(message);
      case "LOADING" -> new RedisUnavailableException(Reason.LOADING, message);
      case "READONLY" -> new RedisUnavailableException(Reason.READ_ONLY, message);
      case "MASTERDOWN" -> new RedisUnavailableException(Reason.PRIMARY_DOWN, message);
      case "BUSY" -> new RedisUnavailableException(Reason.BUSY, message);
      case "NOREPLICAS" -> new RedisUnavailableException(Reason.TOO_FEW_REPLICAS, message);
      case "MISCONF" -> new RedisUnavailableException(Reason.NOT_PERSISTING, message);
      case "CLUSTERDOWN", "TRYAGAIN" -> new RedisUnavailableException(Reason.CLUSTER_DOWN, message);
      case "NOAUTH", "WRONGPASS", "NOPERM" ->
          new RedisUnavailableException(Reason.NOT_PERMITTED, message);
      default -> new RedisErrorException(message);
    };
  }
}
