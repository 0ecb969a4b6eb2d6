package dev.postrider.redis;

/** Redis could not be asked, or did not answer. */
public final class RedisUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** Why a command has no answer. */
  public enum Reason {
    /** There is no connection at the moment. */
    NOT_CONNECTED(false),
    /** {@code redis.maxInFlight} commands of this link wait already. */
    OVERLOADED(false),
    /** No answer within {@code redis.commandTimeout}. */
    TIMED_OUT(true),
    /** The connection ended before the answer came. */
    CONNECTION_LOST(true),
    /** Redis has just started and reads its data. */
    LOADING(false),
    /** Redis is a replica, or was just made one. */
    READ_ONLY(false),
    /** A replica that has lost its primary. */
    PRIMARY_DOWN(false),
    /** A script of somebody else's holds Redis up. */
    BUSY(false),
    /** Too few replicas are there for Redis to take writes. */
    TOO_FEW_REPLICAS(false),
    /** Redis cannot write to its disk. */
    NOT_PERSISTING(false),
    /** A part of the cluster is missing or moving. */
    CLUSTER_DOWN(false),
    /** Redis does not know or does not allow this user. */
    NOT_PERMITTED(false),
    /** The link was closed. */
    CLOSED(false);

    private final boolean outcomeUnknown;

    Reason(boolean outcomeUnknown) {
      this.outcomeUnknown = outcomeUnknown;
    }
  }

  RedisUnavailableException(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** Whether the command may have been carried out all the same; if not, it certainly was not. */
  public boolean outcomeUnknown() {
    return reason.outcomeUnknown;
  }
}
